-- What a suite looks at now, what was checked before and not touched since, and by which runs.
SELECT
    (SELECT count(*) FROM {looked_at}) AS rows_checked,
    coalesce(sum(vouched_rows), 0)::bigint AS vouched_rows,
    coalesce(sum(vouched_keys), 0)::bigint AS vouched_keys,
    ARRAY(
        SELECT run_id
        FROM dqm.bt_crypto_events_vouchers AS voucher
        JOIN staging.bt_crypto_events_days AS vouched USING (day)
        JOIN dqm.dq_runs AS verdict USING (run_id)
        WHERE vouched.vouched_rows > 0
        GROUP BY run_id
        ORDER BY min(verdict.validated_at), run_id
    ) AS runs
FROM staging.bt_crypto_events_days
