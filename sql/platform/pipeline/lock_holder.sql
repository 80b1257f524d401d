-- Who holds the advisory lock of a pipeline.
SELECT activity.application_name, activity.backend_start
FROM pg_locks AS lock
JOIN pg_stat_activity AS activity ON activity.pid = lock.pid
WHERE lock.locktype = 'advisory'
  AND lock.granted
  AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND lock.classid::int8 = hashtext('kpi')::int8 & x'ffffffff'::int8
  AND lock.objid::int8 = hashtext(%(pipeline)s)::int8 & x'ffffffff'::int8
LIMIT 1
