-- The presence and positivity checks of suite_staging_candidate in one aggregate.
SELECT
    count(*) FILTER (WHERE site_id IS NULL) AS site_id_missing,
    count(*) FILTER (WHERE user_id IS NULL) AS user_id_missing,
    count(*) FILTER (WHERE purchase_date IS NULL) AS purchase_date_missing,
    count(*) FILTER (WHERE crypto_type IS NULL) AS crypto_type_missing,
    count(*) FILTER (WHERE purchase_price IS NULL) AS purchase_price_missing,
    count(*) FILTER (WHERE purchase_units IS NULL) AS purchase_units_missing,
    count(*) FILTER (WHERE purchase_value IS NULL) AS purchase_value_missing,
    count(*) FILTER (WHERE purchase_price <= 0) AS purchase_price_not_positive,
    count(*) FILTER (WHERE purchase_units <= 0) AS purchase_units_not_positive,
    count(*) FILTER (WHERE purchase_value <= 0) AS purchase_value_not_positive
FROM staging.bt_crypto_events_candidate
