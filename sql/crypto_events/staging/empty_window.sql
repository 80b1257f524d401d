TRUNCATE staging.bt_crypto_events_window, staging.bt_crypto_events_keys, staging.bt_crypto_events_days,
    staging.bt_crypto_events_delivered
