-- The columns of the published table's key.
SELECT array_agg(attname::text ORDER BY attname) AS columns
FROM pg_index
JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
WHERE indrelid = 'prod.bt_crypto_events'::regclass AND indisprimary
