SELECT * FROM dqm.bt_crypto_events_runs WHERE run_id = %(run_id)s
