-- One day's scores of a version, for DuckDB, with whom campaigns contacted or held out from that day to the
-- last that decides: contacted by any of them, or held out by the latest.
COPY (
    SELECT scores.user_id, scores.probability, scores.active,
           coalesce(reached.campaign_group, 'none') AS campaign_group,
           coalesce(reached.as_of - scores.as_of, 0) AS campaign
    FROM prod.bt_churn_scores AS scores
    LEFT JOIN (
        SELECT DISTINCT ON (user_id) user_id, as_of, campaign_group
        FROM prod.bt_churn_campaigns
        WHERE contacted_on BETWEEN {as_of} AND {last_day}
        ORDER BY user_id, campaign_group, as_of DESC
    ) AS reached ON reached.user_id = scores.user_id
    WHERE scores.as_of = {as_of} AND scores.model_version = {model_version}
) TO STDOUT (FORMAT csv)
