-- The rows that arrived in the window and break one rule.
INSERT INTO benchmark.baseline_rejects (
    reason, site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units
)
SELECT %(reason)s, site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units
FROM raw.bt_crypto_transaction_history
WHERE arrived_at >= %(arrived_from)s AND arrived_at < %(arrived_before)s
  AND ({broken})
