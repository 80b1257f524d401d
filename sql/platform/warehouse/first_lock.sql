-- Before the first migration there is no table to lock, and nobody else to take this.
SELECT pg_advisory_xact_lock(hashtext('kpi'), hashtext('migrate'))
