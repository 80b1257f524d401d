-- Record the content of open rejects, by reason or by raw row, as known bad.
INSERT INTO dqm.bt_crypto_events_dismissals (
    content_md5, site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    dismissed_by, why
)
SELECT DISTINCT ON (content_md5) content_md5,
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    %(by)s, %(why)s
FROM (
    SELECT reject.*, md5(ROW(site_id, user_id, purchase_date, crypto_type,
        purchase_price, purchase_units)::text) AS content_md5
    FROM dqm.bt_crypto_events_rejects AS reject
    WHERE resolved_at IS NULL
      AND (reason = %(reason)s OR raw_id = ANY(%(raw_ids)s::bigint[]))
) AS rejected
ON CONFLICT (content_md5) DO NOTHING
