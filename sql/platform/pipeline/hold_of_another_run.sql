-- The run that holds the pipeline between two of its steps, if it is another run.
SELECT run_id, as_of, held_since, held_until
FROM dqm.pipeline_holds
WHERE pipeline = %(pipeline)s AND run_id <> %(run_id)s AND held_until > clock_timestamp()
