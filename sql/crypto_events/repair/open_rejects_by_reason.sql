-- Open rejects by reason, with the newest as an example; its long cells are cut, with a mark.
SELECT reason,
    count(DISTINCT raw_id) AS rows,
    max(rejected_at) AS last_seen,
    (array_agg(raw_id ORDER BY raw_id DESC))[1] AS example_raw_id,
    (array_agg(example ORDER BY raw_id DESC))[1] AS example
FROM dqm.bt_crypto_events_rejects
CROSS JOIN LATERAL (
    SELECT string_agg(
        CASE WHEN cell IS NULL THEN '∅'
             WHEN length(cell) > 20 THEN left(cell, 20) || '…'
             ELSE cell END,
        ' | ' ORDER BY place
    ) AS example
    FROM unnest(ARRAY[site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units])
        WITH ORDINALITY AS cells (cell, place)
) AS shown
WHERE resolved_at IS NULL
GROUP BY reason
ORDER BY rows DESC, reason
