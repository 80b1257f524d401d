-- How good the latest scores of each kind were, or seem to be, and whether that asks for a training.
SELECT DISTINCT ON (kind, among)
    kind, among, roc_auc, asks_for_training IS NOT NULL AS worse
FROM dqm.bt_churn_outcomes
WHERE kind <> 'not measured'
ORDER BY kind, among, as_of DESC, measured_at DESC
