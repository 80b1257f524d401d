-- Live rows of what the run looked at: of whole days, which were counted just now, and of users; and what
-- should be.
SELECT (
    SELECT coalesce(sum(live_rows), 0)::bigint FROM raw.bt_crypto_day_counts
    WHERE day = ANY({whole_days}::date[])
) + (
    SELECT count(*)
    FROM staging.bt_crypto_events_keys AS touched
    CROSS JOIN LATERAL (
        SELECT FROM prod.bt_crypto_events
        WHERE purchase_date = touched.purchase_date AND user_id = touched.user_id
          AND is_active AND purchase_date BETWEEN {window_start} AND {as_of}
        OFFSET 0
    ) AS live
    WHERE user_id IS NOT NULL AND purchase_date <> ALL({whole_days}::date[])
) AS live_rows,
(SELECT count(*) FROM staging.bt_crypto_events_candidate) AS candidate_rows
