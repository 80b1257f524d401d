-- Number of raw rows whose own date is in the window: what came less what went. The lines of a date become
-- one, so that their number does not grow with what is delivered row by row.
WITH lines AS (
    DELETE FROM raw.bt_crypto_raw_counts WHERE date_key = ANY({window_dates})
    RETURNING date_key, rows
), added_up AS (
    INSERT INTO raw.bt_crypto_raw_counts (date_key, rows)
    SELECT date_key, sum(rows) FROM lines GROUP BY date_key
    RETURNING rows
)
SELECT coalesce(sum(rows), 0)::bigint AS dated_rows FROM added_up
