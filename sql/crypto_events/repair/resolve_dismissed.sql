-- Close every open reject of a dismissed row, whatever its reason.
UPDATE dqm.bt_crypto_events_rejects AS reject
SET resolved_at = now(),
    resolution = 'dismissed by ' || dismissal.dismissed_by || ': ' || dismissal.why
FROM dqm.bt_crypto_events_dismissals AS dismissal
WHERE reject.resolved_at IS NULL
  AND dismissal.content_md5 = md5(ROW(reject.site_id, reject.user_id, reject.purchase_date,
      reject.crypto_type, reject.purchase_price, reject.purchase_units)::text)
RETURNING reject.raw_id
