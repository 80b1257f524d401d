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
