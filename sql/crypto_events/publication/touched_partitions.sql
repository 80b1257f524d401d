-- The partitions of the run's window, if the run changed anything.
SELECT DISTINCT 'bt_crypto_events_' || to_char(day, 'YYYY_MM') AS partition
FROM dqm.bt_crypto_events_runs AS run
CROSS JOIN generate_series(run.window_start, run.as_of, interval '1 day') AS day
WHERE run.run_id = %(run_id)s
  AND run.inserted_rows + run.updated_rows + run.reactivated_rows + run.deactivated_rows > 0
ORDER BY partition
