-- A step ended: its run holds the pipeline until the next step begins.
INSERT INTO dqm.pipeline_holds AS known (pipeline, run_id, as_of, held_until)
VALUES (%(pipeline)s, %(run_id)s, %(as_of)s, now() + make_interval(secs => %(seconds)s))
ON CONFLICT (pipeline) DO UPDATE SET
    run_id = excluded.run_id,
    as_of = excluded.as_of,
    held_since = CASE WHEN known.run_id = excluded.run_id THEN known.held_since ELSE now() END,
    held_until = excluded.held_until
