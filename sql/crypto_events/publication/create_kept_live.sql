-- The keys of rows that are missing from the candidate and stay live.
CREATE TEMPORARY TABLE kept_live (purchase_date date, user_id bigint) ON COMMIT DROP
