-- The run needs the pipeline no longer; a hold that has run out goes with it.
DELETE FROM dqm.pipeline_holds WHERE pipeline = %(pipeline)s
