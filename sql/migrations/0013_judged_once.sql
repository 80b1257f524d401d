-- What a raw row is, is computed once and kept; triggers note which rows came and went since. All of it
-- can be emptied at any time: the next run then judges its window anew. Runs on PostgreSQL 15 to 18.

CREATE TABLE raw.bt_crypto_judged (
    raw_id                    bigint PRIMARY KEY,
    user_id                   bigint,
    purchase_date             date,
    latest_date               date NOT NULL,
    site_id                   text,
    crypto_type               text,
    purchase_price            numeric,
    purchase_units            numeric,
    unreadable_user_id        text,
    unreadable_purchase_date  text,
    unreadable_purchase_price text,
    unreadable_purchase_units text,
    reasons                   text[]
);
CREATE INDEX bt_crypto_judged_key ON raw.bt_crypto_judged (purchase_date, user_id);
CREATE INDEX bt_crypto_judged_bad ON raw.bt_crypto_judged (purchase_date) WHERE reasons IS NOT NULL;
CREATE INDEX bt_crypto_judged_by_arrival ON raw.bt_crypto_judged (latest_date)
    WHERE purchase_date IS NULL OR purchase_date > latest_date;

CREATE TABLE raw.bt_crypto_judged_days (
    day date PRIMARY KEY
);

CREATE TABLE raw.bt_crypto_judged_contract (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    fingerprint text NOT NULL
);

-- The raw_ids of a statement are a range, in which others may have written as well.
CREATE TABLE raw.bt_crypto_arrivals (
    first_raw_id bigint NOT NULL,
    last_raw_id  bigint NOT NULL,
    date_key     text,
    arrived_from timestamptz NOT NULL,
    arrived_to   timestamptz NOT NULL
);

CREATE TABLE raw.bt_crypto_departures (
    raw_id bigint
);

-- The keys of prod that may have changed since they were published: a user's rows of a day, because a
-- reject whose site or crypto is unknown concerns all of them; or, without a user, the whole day.
CREATE TABLE raw.bt_crypto_touched (
    touch_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_date date NOT NULL,
    user_id       bigint,
    verifies      boolean NOT NULL DEFAULT false
);
CREATE INDEX bt_crypto_touched_day ON raw.bt_crypto_touched (purchase_date);

-- What the run that staged last looks at again: what of it was touched is settled when it publishes, and
-- no more, because others may touch the same while it runs.
CREATE UNLOGGED TABLE staging.bt_crypto_events_keys (
    touch_id      bigint,
    purchase_date date NOT NULL,
    user_id       bigint,
    verifies      boolean NOT NULL
);
-- What it does not look at again. Each day of the window has a row, which shows who staged last.
CREATE UNLOGGED TABLE staging.bt_crypto_events_days (
    day          date PRIMARY KEY,
    vouched_rows bigint NOT NULL,
    vouched_keys bigint NOT NULL
);

-- Each run that checked what is published of a day, since one checked the whole day.
CREATE TABLE dqm.bt_crypto_events_vouchers (
    day    date NOT NULL,
    run_id text NOT NULL,
    PRIMARY KEY (day, run_id)
);
ALTER TABLE dqm.bt_crypto_events_runs ADD COLUMN vouched_rows bigint NOT NULL DEFAULT 0;
ALTER TABLE dqm.dq_runs
    ADD COLUMN rows_checked bigint,
    ADD COLUMN rows_vouched_for bigint NOT NULL DEFAULT 0,
    ADD COLUMN vouched_for_by text[] NOT NULL DEFAULT '{}';

-- Texts that no contract can read as a date are one group, so that any delivery has few groups.
CREATE FUNCTION raw.date_group(date_key text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN date_key ~ '^[0-9]{1,4}[-/. ][0-9]{1,4}[-/. ][0-9]{1,4}$' THEN date_key END;

-- With the rights of the owner, because whoever may write raw rows need not know of these tables.
CREATE FUNCTION raw.note_arrivals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_arrivals (
        first_raw_id, last_raw_id, date_key, arrived_from, arrived_to
    )
    SELECT min(min(first_raw_id)) OVER (), max(max(last_raw_id)) OVER (),
        raw.date_group(date_key), min(arrived_from), max(arrived_to)
    FROM (
        SELECT raw.date_key(purchase_date) AS date_key,
            min(raw_id) AS first_raw_id, max(raw_id) AS last_raw_id,
            min(arrived_at) AS arrived_from, max(arrived_at) AS arrived_to
        FROM arrived
        GROUP BY raw.date_key(purchase_date)
    ) AS by_text
    GROUP BY raw.date_group(date_key);
    RETURN NULL;
END $$;

CREATE FUNCTION raw.note_departures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_departures (raw_id) SELECT raw_id FROM departed;
    RETURN NULL;
END $$;

CREATE FUNCTION raw.note_that_all_departed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_departures (raw_id) VALUES (NULL);
    RETURN NULL;
END $$;

-- What comes back when a dismissal is taken back may be of any day.
CREATE FUNCTION raw.touch_every_day() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_touched (purchase_date)
    SELECT day FROM raw.bt_crypto_judged_days;
    RETURN NULL;
END $$;

CREATE FUNCTION raw.touch_every_day_if_taken_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM taken_back) THEN
        INSERT INTO raw.bt_crypto_touched (purchase_date)
        SELECT day FROM raw.bt_crypto_judged_days;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER note_deleted AFTER DELETE ON dqm.bt_crypto_events_dismissals
    REFERENCING OLD TABLE AS taken_back
    FOR EACH STATEMENT EXECUTE FUNCTION raw.touch_every_day_if_taken_back();
CREATE TRIGGER note_updated AFTER UPDATE ON dqm.bt_crypto_events_dismissals
    REFERENCING OLD TABLE AS taken_back
    FOR EACH STATEMENT EXECUTE FUNCTION raw.touch_every_day_if_taken_back();
CREATE TRIGGER note_truncated AFTER TRUNCATE ON dqm.bt_crypto_events_dismissals
    FOR EACH STATEMENT EXECUTE FUNCTION raw.touch_every_day();
CREATE TRIGGER note_inserted AFTER INSERT ON raw.bt_crypto_transaction_history
    REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION raw.note_arrivals();
CREATE TRIGGER note_updated_from AFTER UPDATE ON raw.bt_crypto_transaction_history
    REFERENCING OLD TABLE AS departed
    FOR EACH STATEMENT EXECUTE FUNCTION raw.note_departures();
CREATE TRIGGER note_updated_to AFTER UPDATE ON raw.bt_crypto_transaction_history
    REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION raw.note_arrivals();
CREATE TRIGGER note_deleted AFTER DELETE ON raw.bt_crypto_transaction_history
    REFERENCING OLD TABLE AS departed
    FOR EACH STATEMENT EXECUTE FUNCTION raw.note_departures();
CREATE TRIGGER note_truncated AFTER TRUNCATE ON raw.bt_crypto_transaction_history
    FOR EACH STATEMENT EXECUTE FUNCTION raw.note_that_all_departed();

-- Whoever changes prod but the merge: what is published may differ from what raw rows say. A statement
-- fires the triggers of the table that it names alone, so each partition has one.
CREATE FUNCTION prod.watch_bt_crypto_events(watched regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER note_changed_by_others AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT WHEN (current_setting(''kpi.publishes'', true) IS DISTINCT FROM ''on'') '
        'EXECUTE FUNCTION raw.touch_every_day()', watched
    );
END $$;
SELECT prod.watch_bt_crypto_events(relid) FROM pg_partition_tree('prod.bt_crypto_events');

COMMENT ON TABLE raw.bt_crypto_judged IS
'What each raw row is by the contract: read, parsed and judged once; rows of days that no run has rebuilt are not here
Written by: build_events_candidate, prune_warehouse, kpi forget
Read by: build_events_candidate, kpi plan, kpi forget';
COMMENT ON COLUMN raw.bt_crypto_judged.raw_id IS 'Number of the raw row';
COMMENT ON COLUMN raw.bt_crypto_judged.latest_date IS
    'The day after arrival: a later purchase_date is in the future';

COMMENT ON TABLE raw.bt_crypto_judged_days IS
'Days of which every raw row is judged, but for those that came or went since
Written by: build_events_candidate
Read by: build_events_candidate, kpi plan';
COMMENT ON COLUMN raw.bt_crypto_judged_days.day IS 'Day of the purchase, or of arrival for a row whose date is unreadable or in the future';

COMMENT ON TABLE raw.bt_crypto_judged_contract IS
'The contract by which raw rows were judged, in one row; with another one, all are judged anew
Written by: build_events_candidate
Read by: build_events_candidate, kpi plan';
COMMENT ON COLUMN raw.bt_crypto_judged_contract.only_row IS 'Always true: the table has one row';
COMMENT ON COLUMN raw.bt_crypto_judged_contract.fingerprint IS
    'SHA-256 of the rules, the settings and the SQL that judge a row';

COMMENT ON TABLE raw.bt_crypto_arrivals IS
'Raw rows that came and may not be judged yet, a row per statement and text of the date; triggers write it, whoever stores raw rows
Written by: generate_fake_history_last_5_days, build_events_candidate, kpi ingest, kpi rejects correct
Read by: build_events_candidate, kpi plan';
COMMENT ON COLUMN raw.bt_crypto_arrivals.first_raw_id IS 'Smallest raw_id of the statement';
COMMENT ON COLUMN raw.bt_crypto_arrivals.last_raw_id IS
    'Greatest raw_id of the statement; others may have written in between';
COMMENT ON COLUMN raw.bt_crypto_arrivals.date_key IS
    'The date''s text, without blanks around it; NULL for texts that cannot be a date';
COMMENT ON COLUMN raw.bt_crypto_arrivals.arrived_from IS 'When the first of the rows was stored';
COMMENT ON COLUMN raw.bt_crypto_arrivals.arrived_to IS 'When the last of the rows was stored';

COMMENT ON TABLE raw.bt_crypto_departures IS
'Raw rows that were deleted or changed since they may have been judged; triggers write it, whoever does so
Written by: build_events_candidate, prune_warehouse, kpi ingest, kpi forget
Read by: build_events_candidate, kpi plan';
COMMENT ON COLUMN raw.bt_crypto_departures.raw_id IS 'Number of the raw row; NULL when all were deleted at once';

COMMENT ON TABLE raw.bt_crypto_touched IS
'Days and users whose rows may have changed since they were published
Written by: build_events_candidate, merge_to_prod, prune_warehouse, kpi forget
Read by: build_events_candidate, merge_to_prod, kpi plan, kpi forget';
COMMENT ON COLUMN raw.bt_crypto_touched.touch_id IS 'Number of the line';
COMMENT ON COLUMN raw.bt_crypto_touched.purchase_date IS 'Day of the purchase';
COMMENT ON COLUMN raw.bt_crypto_touched.user_id IS 'User who bought; NULL for every user of the day';

COMMENT ON COLUMN raw.bt_crypto_touched.verifies IS
    'Judged anew only to be compared: nothing is known to have changed';

COMMENT ON TABLE staging.bt_crypto_events_keys IS
'Days and users that the current run looks at again; of others, only bad rows are staged
Written by: build_events_candidate, kpi plan, kpi forget
Read by: build_events_candidate, ge_validate_candidate, merge_to_prod, kpi plan, kpi forget';
COMMENT ON COLUMN staging.bt_crypto_events_keys.touch_id IS
    'Line of raw.bt_crypto_touched that is settled when the run publishes; empty for other causes';
COMMENT ON COLUMN staging.bt_crypto_events_keys.purchase_date IS 'Day of the purchase';
COMMENT ON COLUMN staging.bt_crypto_events_keys.user_id IS 'User who bought; NULL for every user of the day';

COMMENT ON COLUMN staging.bt_crypto_events_keys.verifies IS
    'Looked at only to be compared: a difference is a fault';

COMMENT ON TABLE staging.bt_crypto_events_days IS
'Each day of the current run''s window, with what is not looked at again because nothing touched it
Written by: build_events_candidate, kpi plan
Read by: build_events_candidate, ge_validate_raw, ge_validate_candidate, merge_to_prod, kpi plan';
COMMENT ON COLUMN staging.bt_crypto_events_days.day IS 'Day of the purchases';
COMMENT ON COLUMN staging.bt_crypto_events_days.vouched_rows IS 'Good raw rows';
COMMENT ON COLUMN staging.bt_crypto_events_days.vouched_keys IS 'Live rows of prod; other raw rows are exact duplicates';

COMMENT ON TABLE dqm.bt_crypto_events_vouchers IS
'Runs whose verdicts vouch for what is published of a day and was not touched since; without them, the day is checked as a whole
Written by: merge_to_prod, prune_warehouse
Read by: build_events_candidate, ge_validate_raw, ge_validate_candidate, kpi plan, people';
COMMENT ON COLUMN dqm.bt_crypto_events_vouchers.day IS 'Day of the purchases';
COMMENT ON COLUMN dqm.bt_crypto_events_vouchers.run_id IS 'A run that checked and published rows of the day';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.vouched_rows IS
    'Of raw_rows, those that nothing touched since they were published: not staged, but counted';
COMMENT ON COLUMN dqm.dq_runs.rows_checked IS 'Rows that the suite looked at; empty for verdicts from before this was counted';
COMMENT ON COLUMN dqm.dq_runs.rows_vouched_for IS
    'Rows of the window that nothing touched since earlier runs checked and published them';
COMMENT ON COLUMN dqm.dq_runs.vouched_for_by IS 'Those runs, oldest first';

COMMENT ON TABLE staging.bt_crypto_events_window IS
'Raw rows that the current run looks at, each exactly once: every bad one, and all of touched users and days
Written by: build_events_candidate, kpi plan, kpi forget
Read by: build_events_candidate, ge_validate_raw, ge_validate_candidate, merge_to_prod, kpi plan, kpi forget';
COMMENT ON VIEW staging.bt_crypto_events_raw_window IS
'The same without dismissed rows: what suite_raw_history checks
Read by: ge_validate_raw, merge_to_prod, kpi plan';
COMMENT ON VIEW staging.bt_crypto_events_candidate IS
'What the run would publish of them, and what suite_staging_candidate checks
Read by: build_events_candidate, ge_validate_candidate, merge_to_prod, kpi plan';

-- The build counts what is live, and asks which verdicts are there.
DO $$ DECLARE looked_at regclass; BEGIN
    FOREACH looked_at IN ARRAY ARRAY['prod.bt_crypto_events', 'dqm.dq_runs']::regclass[]
    LOOP
        EXECUTE format('COMMENT ON TABLE %s IS %L', looked_at, regexp_replace(
            obj_description(looked_at, 'pg_class'), '(Read by: )', '\1build_events_candidate, '
        ));
    END LOOP;
END $$;

DO $$ DECLARE repeated record; BEGIN
    FOR repeated IN
        SELECT copy.attname AS name, col_description(original.attrelid, original.attnum) AS meaning
        FROM pg_attribute AS copy
        JOIN pg_attribute AS original ON original.attname = copy.attname
        WHERE copy.attrelid = 'raw.bt_crypto_judged'::regclass
          AND original.attrelid = 'staging.bt_crypto_events_window'::regclass
          AND copy.attnum > 0 AND col_description(copy.attrelid, copy.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN raw.bt_crypto_judged.%I IS %L', repeated.name, repeated.meaning);
    END LOOP;
END $$;
