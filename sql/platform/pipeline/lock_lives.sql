-- Whether the connection still is there, and so its lock.
SELECT 1
