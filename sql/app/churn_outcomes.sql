-- Whether the scores of the last days were right, newest first.
SELECT as_of, model_version, among, kind, last_day, users, churned, expected_churned, roc_auc,
       roc_auc_low, roc_auc_high, calibration_error, lift_at_capacity, why, asks_for_training
FROM dqm.bt_churn_outcomes
ORDER BY as_of DESC, model_version DESC, among
LIMIT %(limit)s
