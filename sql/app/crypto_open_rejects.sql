-- Rejected raw rows that are still open, by reason.
SELECT reason, count(DISTINCT raw_id) AS rows, max(rejected_at) AS last_seen
FROM dqm.bt_crypto_events_rejects
WHERE resolved_at IS NULL
GROUP BY reason
ORDER BY rows DESC, reason
