-- The last line of the ledger that says what is Production, and what that is; NULL: nothing.
-- With the SHA-256 by which Production is known; NULL where none was recorded yet.
WITH last_line AS (
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
)

SELECT
    last_line.*,
    (
        SELECT made.model_sha256
        FROM dqm.bt_churn_promotions AS made
        WHERE
            made.action IN ('promoted', 'rolled back', 'accepted', 'promoted by hand')
            AND made.version = last_line.production
        ORDER BY made.promotion_id DESC
        LIMIT 1
    ) AS model_sha256
FROM last_line
