-- The partitions of the run's window, if the run changed anything, and whether their statistics are old:
-- after a change of few rows, a plan made by them is still right. Of new rows fewer are enough, since they may
-- be of a day that the statistics do not know.
SELECT touched.partition,
    coalesce(
        (stat.last_analyze IS NOT NULL OR stat.last_autoanalyze IS NOT NULL)
            AND stat.n_ins_since_vacuum <= 0.02 * stat.n_live_tup
            AND stat.n_mod_since_analyze <= 0.1 * stat.n_live_tup,
        false
    ) IS FALSE AS analyze
FROM (
    SELECT DISTINCT 'bt_crypto_events_' || to_char(day, 'YYYY_MM') AS partition
    FROM dqm.bt_crypto_events_runs AS run
    CROSS JOIN generate_series(run.window_start, run.as_of, interval '1 day') AS day
    WHERE run.run_id = %(run_id)s
      AND run.inserted_rows + run.updated_rows + run.reactivated_rows + run.deactivated_rows > 0
) AS touched
LEFT JOIN pg_stat_user_tables AS stat
  ON stat.schemaname = 'prod' AND stat.relname = touched.partition
ORDER BY touched.partition
