-- What is recorded about duplicates among raw rows with these cells.
DELETE FROM dqm.bt_crypto_events_superseded
WHERE raw_id IN (SELECT raw_id FROM {raw} WHERE user_id = ANY(%(cells)s::text[]))
