-- The days of an interval of which raw rows were pruned.
SELECT count(*) AS days, min(day) AS first_day, max(day) AS last_day,
    max(pruned_at)::date AS pruned_on
FROM dqm.bt_crypto_events_pruned_days
WHERE day BETWEEN %(first_day)s AND %(last_day)s
