CREATE TABLE benchmark.baseline_rejects (
    reason         text NOT NULL,
    site_id        text,
    user_id        text,
    purchase_date  text,
    crypto_type    text,
    purchase_price text,
    purchase_units text
)
