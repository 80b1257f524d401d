-- Changes when any row of prod changes, its time stamps included.
SELECT count(*) AS rows, sum(hash_record_extended(event, 0)::numeric) AS hash
FROM prod.bt_crypto_events AS event
