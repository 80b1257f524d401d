-- The last line of the ledger that says what is Production, and what that is; NULL: nothing.
SELECT
    promotion_id,
    action,
    version,
    former_version,
    CASE action
        WHEN 'archived by hand' THEN NULL
        WHEN 'taken back' THEN former_version
        ELSE version
    END AS production,
    applied_at IS NULL AS unfinished
FROM dqm.bt_churn_promotions
WHERE action <> 'skipped'
ORDER BY promotion_id DESC
LIMIT 1
