CREATE TEMPORARY TABLE delivered (
    row_number bigint, user_id bigint, contacted_on date, campaign_group text, as_of date
) ON COMMIT DROP
