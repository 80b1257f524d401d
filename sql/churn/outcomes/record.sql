-- What is known of a day's scores now; what was known before is replaced.
INSERT INTO dqm.bt_churn_outcomes (
    as_of, model_version, among, kind, last_day, users, churned, expected_churned, roc_auc,
    roc_auc_low, roc_auc_high, expected_roc_auc, calibration_error, contacts,
    precision_at_capacity, lift_at_capacity, why, asks_for_training, run_id
)
VALUES (
    %(as_of)s, %(model_version)s, %(among)s, %(kind)s, %(last_day)s, %(users)s, %(churned)s,
    %(expected_churned)s, %(roc_auc)s, %(roc_auc_low)s, %(roc_auc_high)s, %(expected_roc_auc)s,
    %(calibration_error)s, %(contacts)s, %(precision_at_capacity)s, %(lift_at_capacity)s, %(why)s,
    %(asks_for_training)s, %(run_id)s
)
ON CONFLICT (as_of, model_version, among) DO UPDATE
SET kind = excluded.kind, last_day = excluded.last_day, users = excluded.users,
    churned = excluded.churned, expected_churned = excluded.expected_churned,
    roc_auc = excluded.roc_auc, roc_auc_low = excluded.roc_auc_low,
    roc_auc_high = excluded.roc_auc_high, expected_roc_auc = excluded.expected_roc_auc,
    calibration_error = excluded.calibration_error,
    contacts = excluded.contacts, precision_at_capacity = excluded.precision_at_capacity,
    lift_at_capacity = excluded.lift_at_capacity, why = excluded.why,
    asks_for_training = excluded.asks_for_training, run_id = excluded.run_id, measured_at = now(),
    told_at = NULL
