-- A lock of ours that ends with the connection, when nobody else has it.
SELECT pg_try_advisory_lock(hashtext('kpi'), hashtext(%(name)s)) AS locked
