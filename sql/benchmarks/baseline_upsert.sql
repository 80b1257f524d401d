INSERT INTO benchmark.baseline_events AS live (
    purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
)
SELECT purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
FROM benchmark.baseline_candidate
ON CONFLICT (purchase_date, site_id, user_id, crypto_type) DO UPDATE SET
    purchase_price = excluded.purchase_price,
    purchase_units = excluded.purchase_units,
    purchase_value = excluded.purchase_value,
    is_active = true,
    updated_at = now()
