-- Every rule of suite_raw_history in one aggregate.
SELECT count(*) AS rows,
    {broken_rows}
FROM staging.bt_crypto_events_raw_window
