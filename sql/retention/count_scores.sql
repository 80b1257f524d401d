-- Rows and size of a month of scores.
SELECT count(*) AS rows, pg_total_relation_size({quoted}::regclass) AS bytes FROM {partition}
