CREATE TEMPORARY TABLE delivered (
    user_id bigint, contacted_on date, campaign_group text, as_of date
) ON COMMIT DROP
