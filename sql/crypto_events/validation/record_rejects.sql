-- Record each bad row as it arrived, once per rule and run.
INSERT INTO dqm.bt_crypto_events_rejects (
    run_id, as_of, raw_id, reason,
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number, arrived_at
)
SELECT %(run_id)s, %(as_of)s, broken.raw_id, reason,
    history.site_id, history.user_id, history.purchase_date,
    history.crypto_type, history.purchase_price, history.purchase_units,
    history.source_name, history.source_row_number, history.arrived_at
FROM (
    SELECT raw_id, unnest(reasons) AS reason
    FROM staging.bt_crypto_events_raw_window
    WHERE reasons IS NOT NULL
) AS broken
CROSS JOIN LATERAL (
    -- Looked up row by row by primary key, so that the cost does not grow with the history.
    SELECT * FROM raw.bt_crypto_transaction_history AS arrived
    WHERE arrived.raw_id = broken.raw_id
    OFFSET 0
) AS history
ON CONFLICT (run_id, raw_id, reason) DO NOTHING
