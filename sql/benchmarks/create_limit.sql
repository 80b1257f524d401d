-- An empty table with prod's columns, defaults and key, and nothing else.
CREATE TABLE benchmark.limit_events (
    LIKE prod.bt_crypto_events INCLUDING DEFAULTS,
    PRIMARY KEY (purchase_date, site_id, user_id, crypto_type)
)
