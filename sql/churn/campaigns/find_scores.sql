-- The scores that a contact followed: those of the last day up to it.
UPDATE delivered
SET as_of = days.as_of
FROM (
    SELECT contacts.contacted_on, scored.as_of
    FROM (SELECT DISTINCT contacted_on FROM delivered) AS contacts
    CROSS JOIN LATERAL (
        SELECT as_of FROM prod.bt_churn_scores
        WHERE as_of <= contacts.contacted_on
        ORDER BY as_of DESC
        LIMIT 1
    ) AS scored
) AS days
WHERE days.contacted_on = delivered.contacted_on
