-- The run no longer needs the pipeline; this also deletes an expired hold of another run.
DELETE FROM dqm.pipeline_holds
WHERE pipeline = %(pipeline)s AND (run_id = %(run_id)s OR held_until <= clock_timestamp())
