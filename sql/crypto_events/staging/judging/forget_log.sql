-- Without a day that is judged, nothing that came or went matters. Not TRUNCATE: what others note at
-- the same time stays.
WITH days AS (DELETE FROM raw.bt_crypto_judged_days),
    counts AS (DELETE FROM raw.bt_crypto_day_counts),
    arrivals AS (DELETE FROM raw.bt_crypto_arrivals)
DELETE FROM raw.bt_crypto_departures
