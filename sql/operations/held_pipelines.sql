-- Pipelines that a run holds just now, or keeps until its next step, and for how long.
SELECT hold.pipeline, EXTRACT(EPOCH FROM now() - hold.held_since)::float8 AS seconds
FROM dqm.pipeline_holds AS hold
WHERE hold.held_until > now()
   OR EXISTS (
       SELECT FROM pg_locks AS lock
       JOIN pg_class AS locked ON locked.oid = lock.relation
       WHERE lock.locktype = 'relation'
         AND lock.mode = 'ShareRowExclusiveLock'
         AND lock.granted
         AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND locked.relnamespace = 'locks'::regnamespace
         AND locked.relname = hold.pipeline
   )
