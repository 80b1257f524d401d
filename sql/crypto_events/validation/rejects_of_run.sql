SELECT reason, count(*) AS rows
FROM dqm.bt_crypto_events_rejects
WHERE run_id = %(run_id)s
GROUP BY reason
ORDER BY rows DESC, reason
