-- Record conflicts among the candidates: every row that differs from the newest of its key.
INSERT INTO dqm.bt_crypto_events_rejects (
    run_id, as_of, raw_id, reason,
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number, arrived_at
)
SELECT %(run_id)s, %(as_of)s, raw_id, {reason},
    history.site_id, history.user_id, history.purchase_date,
    history.crypto_type, history.purchase_price, history.purchase_units,
    history.source_name, history.source_row_number, history.arrived_at
FROM duplicates
JOIN raw.bt_crypto_transaction_history AS history USING (raw_id)
WHERE NOT duplicates.exact
ON CONFLICT (run_id, raw_id, reason) DO NOTHING
