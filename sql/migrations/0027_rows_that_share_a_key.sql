-- Rows that share a key may be more than repetitions: older than the row that is published, or a part of a
-- sum. Runs on PostgreSQL 15 to 18.

ALTER TABLE staging.bt_crypto_events_window
    ADD COLUMN superseded_as text,
    ADD COLUMN summed_units numeric;
COMMENT ON COLUMN staging.bt_crypto_events_window.superseded_as IS
    'Of a superseded row: older than the row that was kept, or a part of its sum; NULL or repetition for one that repeats another';
COMMENT ON COLUMN staging.bt_crypto_events_window.summed_units IS
    'Of a kept row with parts: its units and theirs; otherwise NULL';

CREATE OR REPLACE VIEW staging.bt_crypto_events_candidate AS
SELECT raw_id, site_id, user_id, purchase_date, crypto_type, purchase_price,
    coalesce(summed_units, purchase_units) AS purchase_units,
    coalesce(purchase_price * summed_units, purchase_value) AS purchase_value
FROM staging.bt_crypto_events_window
WHERE reasons IS NULL AND superseded_by IS NULL AND dismissed IS NULL;

ALTER TABLE dqm.bt_crypto_events_superseded
    ADD COLUMN superseded_as text NOT NULL DEFAULT 'repetition'
        CHECK (superseded_as IN ('repetition', 'older', 'part'));
CREATE INDEX bt_crypto_events_superseded_by ON dqm.bt_crypto_events_superseded (kept_raw_id)
    WHERE superseded_as <> 'repetition';
COMMENT ON TABLE dqm.bt_crypto_events_superseded IS
'Raw rows that share their key with a published row, and the raw row that was kept in their place
Written by: merge_to_prod, prune_warehouse, kpi forget
Read by: merge_to_prod, prune_warehouse, kpi forget, people';
COMMENT ON COLUMN dqm.bt_crypto_events_superseded.raw_id IS 'Number of the raw row that is not published by itself';
COMMENT ON COLUMN dqm.bt_crypto_events_superseded.superseded_as IS
    'repetition: says the same once more; older: another row is newer; part: its units are in those of the kept row';

-- Another key may be one that published rows share: one of them stays, the others are kept here until a key
-- tells them apart again.
CREATE TABLE dqm.bt_crypto_events_of_other_keys (
    purchase_date  date NOT NULL,
    site_id        text NOT NULL,
    user_id        bigint NOT NULL,
    crypto_type    text NOT NULL,
    purchase_price numeric NOT NULL,
    purchase_units numeric NOT NULL,
    purchase_value numeric NOT NULL,
    is_active      boolean NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    set_aside_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dqm.bt_crypto_events_of_other_keys IS
'Rows of prod.bt_crypto_events as they were published, which share the key that the table has now with a row that stayed
Written by: kpi contract adopt-key, kpi forget
Read by: kpi contract adopt-key, kpi forget';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.purchase_date IS 'Day of the purchase';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.site_id IS 'Marketplace site';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.user_id IS 'User who bought';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.crypto_type IS 'Crypto asset';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.purchase_price IS 'Price of one unit';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.purchase_units IS 'Units bought';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.purchase_value IS 'purchase_price * purchase_units';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.is_active IS 'Whether the row was live';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.created_at IS 'When the row was first published';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.updated_at IS 'When a value or is_active changed last';
COMMENT ON COLUMN dqm.bt_crypto_events_of_other_keys.set_aside_at IS 'When the table got a key that the row shares';

DO $$ BEGIN
    EXECUTE format('COMMENT ON TABLE prod.bt_crypto_events IS %L', regexp_replace(
        replace(
            obj_description('prod.bt_crypto_events'::regclass, 'pg_class'),
            'one row per purchase_date, site_id, user_id and crypto_type',
            'one row per key of the contract: of purchase_date, site_id, user_id and crypto_type, unless it says another'
        ),
        '((?:Written|Read) by: [^\n]*)', '\1, kpi contract adopt-key', 'g'
    ));
END $$;

COMMENT ON COLUMN staging.bt_crypto_events_days.vouched_keys IS
    'Live rows of prod; other raw rows share their key with one of them';
