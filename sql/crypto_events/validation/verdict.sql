SELECT results
FROM dqm.dq_runs
WHERE run_id = %(run_id)s AND suite = %(suite)s
