-- What a run found delivered of each day, for rules about a delivery as a whole, and what was published
-- of days, with which the next are compared. Runs on PostgreSQL 15 to 18.

-- Empty `rule`: every row of the day; otherwise those of which the rule's column is missing.
CREATE UNLOGGED TABLE staging.bt_crypto_events_delivered (
    day  date NOT NULL,
    rule text NOT NULL,
    rows bigint NOT NULL,
    PRIMARY KEY (day, rule)
);

CREATE TABLE dqm.bt_crypto_events_delivered_days (
    day         date PRIMARY KEY,
    rows        bigint NOT NULL,
    run_id      text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE staging.bt_crypto_events_delivered IS
'Rows of each day of the current run''s window as they were delivered, without dismissed ones; a row without a date in the window counts for the day on which it arrived
Written by: build_events_candidate, kpi plan
Read by: ge_validate_raw, merge_to_prod';
COMMENT ON COLUMN staging.bt_crypto_events_delivered.day IS 'Day of the purchases';
COMMENT ON COLUMN staging.bt_crypto_events_delivered.rule IS
    'Rule about a share of missing values whose rows are counted; empty for all rows of the day';
COMMENT ON COLUMN staging.bt_crypto_events_delivered.rows IS 'Rows that were delivered; of a rule, those of which its column is missing';

COMMENT ON TABLE dqm.bt_crypto_events_delivered_days IS
'Rows of each day as they were delivered when a run published it last; later days are compared with them. Days that were still open are left out
Written by: merge_to_prod
Read by: ge_validate_raw, people';
COMMENT ON COLUMN dqm.bt_crypto_events_delivered_days.day IS 'Day of the purchases';
COMMENT ON COLUMN dqm.bt_crypto_events_delivered_days.rows IS 'Rows that were delivered, without dismissed ones';
COMMENT ON COLUMN dqm.bt_crypto_events_delivered_days.run_id IS 'The run that published them';
COMMENT ON COLUMN dqm.bt_crypto_events_delivered_days.recorded_at IS 'When it did';

-- Days that were pruned or topped up are not asked about.
DO $$ DECLARE looked_at regclass; BEGIN
    FOREACH looked_at IN ARRAY ARRAY[
        'dqm.bt_crypto_events_pruned_days', 'raw.bt_crypto_judged'
    ]::regclass[]
    LOOP
        EXECUTE format('COMMENT ON TABLE %s IS %L', looked_at, regexp_replace(
            obj_description(looked_at, 'pg_class'), '(Read by: )', '\1ge_validate_raw, '
        ));
    END LOOP;
END $$;
