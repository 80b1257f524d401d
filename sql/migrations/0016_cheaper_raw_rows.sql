-- Raw rows are found by the date's text, and of one text by arrival; by arrival alone, a summary of each
-- block is enough, since rows are stored in that order. Both together cost less to keep than two trees.
CREATE INDEX bt_crypto_transaction_history_date_and_arrival
    ON raw.bt_crypto_transaction_history (raw.date_key(purchase_date), arrived_at);
DROP INDEX raw.bt_crypto_transaction_history_purchase_date;
DROP INDEX raw.bt_crypto_transaction_history_arrived_at;
CREATE INDEX bt_crypto_transaction_history_arrival
    ON raw.bt_crypto_transaction_history USING brin (arrived_at) WITH (autosummarize = on);
