-- What publishing the candidate would change where nothing is published yet: it is read where it is, and not
-- stored once more. The view lasts as long as the connection, which is made for the merge alone.
CREATE TEMPORARY VIEW delta AS
SELECT 'I' AS operation, candidate.*
FROM staging.bt_crypto_events_candidate AS candidate
