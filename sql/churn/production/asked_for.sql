-- What asked for a training since another run's version was judged, oldest first: files that changed,
-- drift that lasted, scores that got worse.
WITH judged AS (
    SELECT coalesce(max(decided_at), '-infinity') AS at
    FROM dqm.bt_churn_promotions
    WHERE run_id <> %(run_id)s AND action IN ('promoted', 'skipped')
),
weeks AS (
    SELECT DISTINCT ON (date_trunc('week', snapshot_day::timestamp))
        snapshot_day, drifted_week, logged_at
    FROM dqm.bt_churn_drift_runs
    WHERE NOT simulated AND hole IS NULL
    ORDER BY date_trunc('week', snapshot_day::timestamp) DESC, snapshot_day DESC, logged_at DESC
    LIMIT %(weeks)s
),
asked AS (
    SELECT changed_files.why, max(changed_files.checked_at) AS at
    FROM (
        SELECT 'these files changed: ' || array_to_string(changed, ', ') AS why, checked_at
        FROM dqm.bt_churn_sources
        WHERE changed <> '{}'
    ) AS changed_files
    GROUP BY changed_files.why
    UNION ALL
    SELECT count(*) FILTER (WHERE drifted_week) || ' of the last ' || count(*)
        || ' weeks drifted, up to ' || max(snapshot_day), max(logged_at)
    FROM weeks
    HAVING count(*) FILTER (WHERE drifted_week) >= %(drifted)s
        AND (array_agg(drifted_week ORDER BY snapshot_day DESC))[1]
    UNION ALL
    SELECT asks_for_training, measured_at
    FROM dqm.bt_churn_outcomes
    WHERE asks_for_training IS NOT NULL
)
SELECT asked.why
FROM asked, judged
WHERE asked.at > judged.at
ORDER BY asked.at, asked.why
