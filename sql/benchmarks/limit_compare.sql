-- The minimum cost of finding that nothing changed: one hash join, one number.
SELECT count(*) AS differing_rows
FROM staging.bt_crypto_events_candidate AS candidate
FULL JOIN (
    SELECT * FROM prod.bt_crypto_events
    WHERE purchase_date BETWEEN {window_start} AND {as_of} AND is_active
) AS live
    ON live.user_id = candidate.user_id
    AND live.purchase_date = candidate.purchase_date
    AND live.site_id = candidate.site_id
    AND live.crypto_type = candidate.crypto_type
WHERE live.user_id IS NULL
   OR candidate.user_id IS NULL
   OR live.purchase_price <> candidate.purchase_price
   OR live.purchase_units <> candidate.purchase_units
