-- Candidates that share a key: the newest is kept, every other one is an exact duplicate of it
-- or a conflict (different price or units).
CREATE TEMPORARY TABLE duplicates ON COMMIT DROP AS
SELECT raw_id, kept_id, exact
FROM (
    SELECT candidate.raw_id,
        first_value(candidate.raw_id) OVER newest_first AS kept_id,
        candidate.purchase_price = first_value(candidate.purchase_price) OVER newest_first
        AND candidate.purchase_units = first_value(candidate.purchase_units) OVER newest_first
        AS exact
    FROM staging.bt_crypto_events_candidate AS candidate
    JOIN (
        SELECT purchase_date, user_id, site_id, crypto_type
        FROM staging.bt_crypto_events_candidate
        GROUP BY purchase_date, user_id, site_id, crypto_type
        HAVING count(*) > 1
    ) AS repeated USING (purchase_date, user_id, site_id, crypto_type)
    JOIN raw.bt_crypto_transaction_history AS history USING (raw_id)
    WINDOW newest_first AS (
        PARTITION BY candidate.purchase_date, candidate.user_id,
            candidate.site_id, candidate.crypto_type
        ORDER BY history.arrived_at DESC, raw_id DESC
    )
) AS ranked
WHERE raw_id <> kept_id
