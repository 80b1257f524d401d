-- Which raw rows this transaction has stored.
arrived_at = now() AND xmin = pg_current_xact_id()::xid
