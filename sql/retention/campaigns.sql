-- Remove a batch of users of old campaigns.
WITH gone AS (
    DELETE FROM prod.bt_churn_campaigns AS campaign
    WHERE campaign.ctid = ANY(ARRAY(
        SELECT campaign.ctid
        FROM prod.bt_churn_campaigns AS campaign
        WHERE campaign.delivered_at < %(kept_since)s
          AND campaign.as_of < %(kept_from)s
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(campaign.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
