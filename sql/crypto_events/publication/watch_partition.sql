-- A change that names the partition is noticed as one that names the table.
SELECT prod.watch_bt_crypto_events(%(partition)s)
