CREATE TEMPORARY TABLE scored (
    user_id bigint, probability double precision, active boolean, spent_90d double precision,
    segment text, city text, reasons text[]
) ON COMMIT DROP
