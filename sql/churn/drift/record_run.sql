-- Record the result of a comparison.
INSERT INTO dqm.bt_churn_drift_runs
    (run_id, snapshot_day, columns, drifted_columns, drifted_share, drifted_week,
     reference_snapshots, left_out, simulated, report, hole)
VALUES (%(run_id)s, %(snapshot_day)s, %(columns)s, %(drifted_columns)s, %(drifted_share)s,
        %(drifted_week)s, %(reference_snapshots)s::date[], %(left_out)s::text[], %(simulated)s,
        %(report)s, %(hole)s)
