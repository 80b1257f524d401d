-- Wait for one of our locks; the transaction's end releases it.
LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE
