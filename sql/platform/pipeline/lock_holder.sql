-- Who holds the lock of a pipeline. The run wrote its whole id down; what its connection
-- says of itself is cut, and stands in for it until then.
SELECT coalesce(
        hold.run_id || ' as of ' || to_char(hold.as_of, 'YYYY-MM-DD'), activity.application_name
    ) AS who,
    coalesce(hold.held_since, activity.backend_start) AS since,
    activity.application_name = current_setting('application_name') AS same_run
FROM pg_locks AS lock
JOIN pg_class AS locked ON locked.oid = lock.relation
JOIN pg_stat_activity AS activity ON activity.pid = lock.pid
LEFT JOIN dqm.pipeline_holds AS hold
  ON hold.pipeline = %(pipeline)s
 AND activity.application_name = left(
     'kpi ' || hold.pipeline || ' as_of=' || to_char(hold.as_of, 'YYYY-MM-DD')
     || ' run=' || hold.run_id, 63)
WHERE lock.locktype = 'relation'
  AND lock.mode = 'ShareRowExclusiveLock'
  AND lock.granted
  AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND locked.relnamespace = 'locks'::regnamespace
  AND locked.relname = %(pipeline)s
LIMIT 1
