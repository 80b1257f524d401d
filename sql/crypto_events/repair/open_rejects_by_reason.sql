-- Open rejects by reason, with the newest as an example.
SELECT reason,
    count(DISTINCT raw_id) AS rows,
    max(rejected_at) AS last_seen,
    (array_agg(raw_id ORDER BY raw_id DESC))[1] AS example_raw_id,
    (array_agg(concat_ws(' | ', coalesce(left(site_id, 20), '∅'), coalesce(left(user_id, 20), '∅'),
        coalesce(left(purchase_date, 20), '∅'), coalesce(left(crypto_type, 20), '∅'),
        coalesce(left(purchase_price, 20), '∅'), coalesce(left(purchase_units, 20), '∅'))
        ORDER BY raw_id DESC))[1] AS example
FROM dqm.bt_crypto_events_rejects
WHERE resolved_at IS NULL
GROUP BY reason
ORDER BY rows DESC, reason
