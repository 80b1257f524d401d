-- The monthly partitions of the scores that lie before the kept period, oldest first; not the one
-- that was scored last.
SELECT part.relname AS name, pg_total_relation_size(part.oid) AS bytes
FROM pg_inherits
JOIN pg_class AS part ON part.oid = pg_inherits.inhrelid
WHERE pg_inherits.inhparent = 'prod.bt_churn_scores'::regclass
  AND part.relname ~ '^bt_churn_scores_[0-9]{4}_[0-9]{2}$'
  AND to_date(right(part.relname, 7), 'YYYY_MM') + interval '1 month' <= %(kept_from)s
  AND part.relname <> coalesce((
    SELECT 'bt_churn_scores_' || to_char(as_of, 'YYYY_MM')
    FROM prod.bt_churn_scores
    ORDER BY scored_at DESC, as_of DESC
    LIMIT 1
  ), '')
ORDER BY part.relname
