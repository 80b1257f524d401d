-- Wait for one of our locks; the transaction's end releases it.
SELECT pg_advisory_xact_lock(hashtext('kpi'), hashtext(%(name)s))
