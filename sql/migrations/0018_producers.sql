-- A producer's row is read into the contract's columns; beside them it is kept as it arrived.
-- Runs on PostgreSQL 15 to 18.

ALTER TABLE raw.bt_crypto_transaction_history
    ADD COLUMN producer text,
    ADD COLUMN delivered jsonb;
ALTER TABLE raw.bt_crypto_transaction_history_replaced
    ADD COLUMN producer text,
    ADD COLUMN delivered jsonb;
ALTER TABLE raw.deliveries
    ADD COLUMN producer text,
    ADD COLUMN rows_left_out bigint NOT NULL DEFAULT 0;

DO $$ DECLARE history regclass; BEGIN
    FOREACH history IN ARRAY ARRAY[
        'raw.bt_crypto_transaction_history', 'raw.bt_crypto_transaction_history_replaced'
    ]::regclass[]
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.producer IS %L', history,
            'Whose format the row was read by; empty when it arrived with the contract''s columns');
        EXECUTE format('COMMENT ON COLUMN %s.delivered IS %L', history,
            'The producer''s row as it arrived: each cell that is kept, as text, by its column''s name');
    END LOOP;
END $$;
COMMENT ON COLUMN raw.deliveries.producer IS
    'Whose format the file was read by; empty when it had the contract''s columns';
COMMENT ON COLUMN raw.deliveries.rows_left_out IS
    'Rows that are none of this contract, as the producer''s file says, and are not stored';
