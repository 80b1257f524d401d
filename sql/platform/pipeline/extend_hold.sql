-- A run holds the pipeline: while it is at work for no longer than its lock, and when a step has
-- ended until the next one begins.
INSERT INTO dqm.pipeline_holds AS known (pipeline, run_id, as_of, held_until)
VALUES (%(pipeline)s, %(run_id)s, %(as_of)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (pipeline) DO UPDATE SET
    run_id = excluded.run_id,
    as_of = excluded.as_of,
    held_since = CASE WHEN known.run_id = excluded.run_id THEN known.held_since ELSE clock_timestamp() END,
    -- A step that is killed leaves the pipeline to its run for as long as the step before did.
    held_until = CASE
        WHEN known.run_id = excluded.run_id THEN greatest(known.held_until, excluded.held_until)
        ELSE excluded.held_until
    END
