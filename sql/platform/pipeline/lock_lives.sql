-- Fails if the connection is gone, and with it the lock.
SELECT 1
