-- Active events and their value by day, site and asset; reads only the partitions of those days.
SELECT purchase_date AS day, site_id AS site, crypto_type AS asset,
       count(*) AS events, sum(purchase_value)::double precision AS value
FROM prod.bt_crypto_events
WHERE is_active AND purchase_date BETWEEN %(first_day)s AND %(last_day)s
GROUP BY purchase_date, site_id, crypto_type
ORDER BY purchase_date, site_id, crypto_type
