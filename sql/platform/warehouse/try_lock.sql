-- A lock of ours that ends with the transaction, when nobody else has it.
SELECT pg_try_advisory_xact_lock(hashtext('kpi'), hashtext(%(name)s)) AS locked
