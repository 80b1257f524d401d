-- The key that Prefect made for its blocks, where nobody gave it one.
SELECT value ->> 'fernet_key' AS key
FROM configuration
WHERE key = 'ENCRYPTION_KEY'
