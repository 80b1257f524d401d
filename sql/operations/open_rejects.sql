-- Rejects that nobody has corrected or dismissed, by reason.
SELECT reason, count(*) AS rows
FROM dqm.bt_crypto_events_rejects
WHERE resolved_at IS NULL
GROUP BY reason
