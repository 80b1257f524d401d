-- Wait for a lock of ours, which ends with the transaction.
SELECT pg_advisory_xact_lock(hashtext('kpi'), hashtext(%(name)s))
