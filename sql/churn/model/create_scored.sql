CREATE TEMPORARY TABLE scored (user_id bigint, probability double precision) ON COMMIT DROP
