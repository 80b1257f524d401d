-- Live rows of what the run looked at: of whole days, and of users; and what should be.
SELECT (
    SELECT count(*) FROM prod.bt_crypto_events
    WHERE purchase_date = ANY({whole_days}::date[]) AND is_active
) + (
    SELECT count(*)
    FROM prod.bt_crypto_events AS event
    JOIN (
        SELECT DISTINCT purchase_date, user_id
        FROM staging.bt_crypto_events_keys
        WHERE user_id IS NOT NULL AND purchase_date <> ALL({whole_days}::date[])
    ) AS looked_at USING (purchase_date, user_id)
    WHERE is_active AND event.purchase_date BETWEEN {window_start} AND {as_of}
) AS live_rows,
(SELECT count(*) FROM staging.bt_crypto_events_candidate) AS candidate_rows
