-- The columns of tables and views, in their order.
SELECT name, attribute.attname AS column_name,
       format_type(attribute.atttypid, attribute.atttypmod) AS data_type
FROM unnest(%(tables)s::text[]) AS name
JOIN pg_attribute AS attribute ON attribute.attrelid = to_regclass(name)
WHERE attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY name, attribute.attnum
