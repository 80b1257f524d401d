-- A week whose payments have a hole is not comparable with others: nobody knows what users did meanwhile.
ALTER TABLE dqm.bt_churn_drift_runs ADD COLUMN hole text;

COMMENT ON COLUMN dqm.bt_churn_drift_runs.hole IS
'Which days PAYMENTS lacks, where columns differ so much that the week would count as drifted: it counts for nothing then; else NULL';
