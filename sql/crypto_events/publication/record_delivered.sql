-- What was delivered of each closed day, for later days to be compared with; written only when it changes.
-- A day without any row is one, too, once there were some before it: what was published is not asked again.
WITH delivered AS (
    SELECT day, rows FROM staging.bt_crypto_events_delivered WHERE rule = ''
),
empty AS (
    SELECT day::date AS day, 0 AS rows
    FROM generate_series(
        %(window_start)s::timestamp, %(last_closed_day)s::timestamp, interval '1 day'
    ) AS days (day)
    WHERE NOT EXISTS (SELECT FROM delivered WHERE delivered.day = days.day::date)
      AND days.day > least(
          (SELECT min(day) FROM delivered),
          (SELECT min(day) FROM dqm.bt_crypto_events_delivered_days)
      )
)
INSERT INTO dqm.bt_crypto_events_delivered_days AS known (day, rows, run_id)
SELECT day, rows, %(run_id)s
FROM (SELECT day, rows FROM delivered UNION ALL SELECT day, rows FROM empty) AS found
WHERE day <= %(last_closed_day)s
  AND NOT EXISTS (
    SELECT FROM dqm.bt_crypto_events_pruned_days AS pruned WHERE pruned.day = found.day
  )
ON CONFLICT (day) DO UPDATE
SET rows = excluded.rows, run_id = excluded.run_id, recorded_at = now()
WHERE known.rows <> excluded.rows
