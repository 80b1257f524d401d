-- The keys of rows that are missing from the candidate and stay live; without a user, for the day's sake.
CREATE TEMPORARY TABLE kept_live (purchase_date date, user_id bigint) ON COMMIT DROP
