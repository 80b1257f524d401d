-- Wait for one of our locks; the connection's end releases it.
SELECT pg_advisory_lock(hashtext('kpi'), hashtext(%(name)s))
