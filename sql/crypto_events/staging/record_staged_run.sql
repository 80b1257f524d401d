-- Count each raw row of the window exactly once, record the transaction that staged them, and keep what
-- was delivered of each day: a row without a date in the window counts for the day on which it arrived.
-- Rows that the run does not look at again are published or exact duplicates, and have no missing cell.
WITH by_day AS MATERIALIZED (
    SELECT day,
        count(*) AS raw_rows,
        count(*) FILTER (
            WHERE dismissed IS NULL AND reasons IS NULL AND superseded_by IS NULL
        ) AS candidate_rows,
        count(*) FILTER (WHERE dismissed IS NULL AND reasons IS NOT NULL) AS rejected_rows,
        count(*) FILTER (
            WHERE dismissed IS NULL AND reasons IS NULL AND superseded_by IS NOT NULL
        ) AS superseded_rows,
        count(*) FILTER (WHERE dismissed) AS dismissed_rows,
        count(*) FILTER (
            WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s
        ) AS dated_rows,
        ARRAY[{missing_counts}]::bigint[] AS missing_rows
    FROM (
        SELECT CASE
                WHEN purchase_date BETWEEN %(window_start)s AND %(as_of)s THEN purchase_date
                ELSE latest_date - 1
            END AS day,
            staged.*
        FROM staging.bt_crypto_events_window AS staged
    ) AS of_days
    GROUP BY day
), vouched AS (
    SELECT sum(vouched_rows)::bigint AS rows, sum(vouched_keys)::bigint AS keys
    FROM staging.bt_crypto_events_days
), counted AS (
    SELECT
        coalesce(sum(raw_rows), 0)::bigint + (SELECT rows FROM vouched) AS raw_rows,
        (SELECT rows FROM vouched) AS vouched_rows,
        coalesce(sum(candidate_rows), 0)::bigint + (SELECT keys FROM vouched) AS candidate_rows,
        coalesce(sum(rejected_rows), 0)::bigint AS rejected_rows,
        coalesce(sum(superseded_rows), 0)::bigint
            + (SELECT rows - keys FROM vouched) AS superseded_rows,
        coalesce(sum(dismissed_rows), 0)::bigint AS dismissed_rows,
        coalesce(sum(dated_rows), 0)::bigint + (SELECT rows FROM vouched) AS dated_rows
    FROM by_day
), delivered AS (
    SELECT day, missing_rows,
        coalesce(raw_rows - dismissed_rows, 0) + coalesce(vouched_rows, 0) AS rows
    FROM by_day FULL JOIN staging.bt_crypto_events_days USING (day)
), kept AS (
    INSERT INTO staging.bt_crypto_events_delivered (day, rule, rows)
    SELECT day, '', rows FROM delivered WHERE rows > 0
    UNION ALL
    SELECT day, missing.rule, coalesce(missing_rows[missing.place], 0)
    FROM delivered
    CROSS JOIN unnest({missing_rules}::text[]) WITH ORDINALITY AS missing (rule, place)
    WHERE rows > 0
), recorded AS (
    INSERT INTO dqm.bt_crypto_events_runs (
        run_id, as_of, window_start, policy, staged_by,
        raw_rows, vouched_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows
    )
    SELECT %(run_id)s, %(as_of)s, %(window_start)s, %(policy)s, pg_current_xact_id(),
        raw_rows, vouched_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows
    FROM counted
    ON CONFLICT (run_id) DO UPDATE SET
        staged_at = now(),
        staged_by = excluded.staged_by,
        raw_rows = excluded.raw_rows,
        vouched_rows = excluded.vouched_rows,
        candidate_rows = excluded.candidate_rows,
        rejected_rows = excluded.rejected_rows,
        superseded_rows = excluded.superseded_rows,
        dismissed_rows = excluded.dismissed_rows
)
SELECT * FROM counted
