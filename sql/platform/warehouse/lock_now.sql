-- Take one of our locks if it is free. Unlike a function, this leaves the transaction's snapshot to
-- come, which then shows what the last holder did.
LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE NOWAIT
