-- Open rejects one by one, newest first, each raw row once with all its reasons.
SELECT raw_id, source_name, source_row_number,
    string_agg(DISTINCT reason, ', ') AS reasons,
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units
FROM dqm.bt_crypto_events_rejects
WHERE resolved_at IS NULL AND (%(reason)s::text IS NULL OR reason = %(reason)s)
GROUP BY raw_id, source_name, source_row_number,
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units
ORDER BY raw_id DESC
LIMIT %(limit)s
