-- Whether the run has held the pipeline before, in an earlier step or try.
SELECT FROM dqm.pipeline_holds WHERE pipeline = %(pipeline)s AND run_id = %(run_id)s
