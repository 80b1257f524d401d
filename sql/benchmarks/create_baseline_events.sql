CREATE TABLE benchmark.baseline_events (
    LIKE prod.bt_crypto_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (purchase_date, site_id, user_id, crypto_type)
)
