-- Record the columns of a comparison.
INSERT INTO dqm.bt_churn_drift
    (run_id, snapshot_day, column_name, method, threshold, score, drifted, simulated)
SELECT %(run_id)s, %(snapshot_day)s, found.*, %(simulated)s
FROM jsonb_to_recordset(%(found)s) AS found
     (column_name text, method text, threshold float8, score float8, drifted boolean)
