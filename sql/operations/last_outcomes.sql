-- How good the latest scores of each kind were, or seem to be, and whether that asks for a training.
SELECT DISTINCT ON (kind, among)
    kind, among, roc_auc, asks_for_training IS NOT NULL AS worse
FROM dqm.bt_churn_outcomes AS outcome
WHERE kind <> 'not measured'
  -- Groups that a later day has no more, of its campaign, say nothing about now.
  AND as_of = (SELECT max(as_of) FROM dqm.bt_churn_outcomes AS other WHERE other.kind = outcome.kind)
ORDER BY kind, among, as_of DESC, measured_at DESC
