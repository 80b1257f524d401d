-- Since when each of the five churn files has been what it is, as far as anybody looked.
WITH looked AS (
    SELECT file.key AS name, file.value AS sha256, look.checked_at
    FROM dqm.bt_churn_sources AS look, jsonb_each_text(look.sha256) AS file
),

latest AS (
    SELECT DISTINCT ON (name) name, sha256 FROM looked ORDER BY name, checked_at DESC
),

changed AS (
    SELECT latest.name, max(looked.checked_at) AS before
    FROM latest
    JOIN looked ON looked.name = latest.name AND looked.sha256 <> latest.sha256
    GROUP BY latest.name
)

SELECT looked.name, min(looked.checked_at) AS delivered_at
FROM looked
LEFT JOIN changed ON changed.name = looked.name
WHERE looked.checked_at > coalesce(changed.before, '-infinity')
GROUP BY looked.name
ORDER BY looked.name
