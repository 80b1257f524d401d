-- Days that a delivery brings as a whole are no longer days of which raw rows are missing.
DELETE FROM dqm.bt_crypto_events_pruned_days WHERE day = ANY(%(days)s::date[])
