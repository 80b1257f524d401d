-- The number of raw rows of one day, the row number of the last generated one, and whether rows of it
-- were pruned.
SELECT count(*) AS rows,
    coalesce(max(source_row_number) FILTER (WHERE source_name = %(source)s), 0) AS last_generated,
    EXISTS (SELECT FROM dqm.bt_crypto_events_pruned_days WHERE day = %(day)s) AS pruned
FROM raw.bt_crypto_transaction_history
WHERE raw.date_key(purchase_date) = ANY({day_forms})
