-- Take one of our locks until the connection ends, if it is free.
SELECT pg_try_advisory_lock(hashtext('kpi'), hashtext(%(name)s)) AS locked
