-- The window's live rows, added up and hashed independently of their order.
SELECT count(*) AS rows,
    sum(purchase_price)::text AS price, sum(purchase_units)::text AS units,
    sum(purchase_value)::text AS value,
    sum(hashtextextended(concat_ws('|', purchase_date, site_id, user_id, crypto_type,
        purchase_price, purchase_units, purchase_value), 0)::numeric)::text AS hash
FROM {events}
WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s AND {active}
