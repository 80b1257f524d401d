-- Take one of our locks until the transaction ends, if it is free.
SELECT pg_try_advisory_xact_lock(hashtext('kpi'), hashtext(%(name)s)) AS locked
