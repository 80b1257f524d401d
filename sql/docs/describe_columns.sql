-- Every column of our tables and views, in order, with table and column comments. Partitions have
-- the columns of their table and inherit no comments, so they are left out.
SELECT schema.nspname AS schema, relation.relname AS table, relation.relkind = 'v' AS is_view,
    obj_description(relation.oid, 'pg_class') AS table_comment,
    attribute.attname AS name,
    format_type(attribute.atttypid, attribute.atttypmod) AS type,
    attribute.attnotnull AS required,
    col_description(relation.oid, attribute.attnum) AS comment
FROM pg_class AS relation
JOIN pg_namespace AS schema ON schema.oid = relation.relnamespace
JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
WHERE schema.nspname NOT IN ('public', 'information_schema') AND schema.nspname NOT LIKE 'pg\_%'
  AND relation.relkind IN ('r', 'p', 'v', 'm')
  AND NOT relation.relispartition
  AND attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY schema.nspname, relation.relname, attribute.attnum
