CREATE TABLE benchmark.baseline_candidate (
    purchase_date  date,
    site_id        text,
    user_id        bigint,
    crypto_type    text,
    purchase_price numeric,
    purchase_units numeric,
    purchase_value numeric
)
