-- The window's business columns, hashed independently of their order.
SELECT count(*) AS rows,
    sum(hashtextextended(concat_ws('|', purchase_date, site_id, user_id, crypto_type,
        purchase_price, purchase_units, purchase_value, is_active), 0)::numeric)::text AS hash
FROM {events}
WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s
