-- The run no longer needs the pipeline; this also deletes an expired hold.
DELETE FROM dqm.pipeline_holds WHERE pipeline = %(pipeline)s
