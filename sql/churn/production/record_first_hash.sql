-- The version was made Production before hashes were kept: its hash is recorded once.
UPDATE dqm.bt_churn_promotions
SET
    model_sha256 = %(model_sha256)s,
    reasons = array_append(reasons, %(why)s)
WHERE
    action IN ('promoted', 'rolled back', 'accepted', 'promoted by hand')
    AND version = %(version)s
    AND model_sha256 IS NULL
