-- Take one of our locks until the transaction ends, if it is free.
SELECT locks.try_lock(%(name)s) AS locked
