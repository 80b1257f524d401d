-- How many rows a day has is kept, so that a run need not count what nothing touched. Each line adds to
-- those before it: nobody waits for another to count. Runs on PostgreSQL 15 to 18.

CREATE TABLE raw.bt_crypto_raw_counts (
    date_key text NOT NULL,
    rows     bigint NOT NULL
);
CREATE INDEX bt_crypto_raw_counts_date ON raw.bt_crypto_raw_counts (date_key);

CREATE TABLE raw.bt_crypto_day_counts (
    day         date NOT NULL,
    generation  bigint,
    judged_rows bigint NOT NULL DEFAULT 0,
    live_rows   bigint NOT NULL DEFAULT 0
);
CREATE INDEX bt_crypto_day_counts_day ON raw.bt_crypto_day_counts (day);

-- All judged rows go at once when another contract judges. Whoever deletes some of them at the same time
-- counts for what is gone: a line of another generation adds nothing.
ALTER TABLE raw.bt_crypto_judged_contract
    ADD COLUMN generation bigint GENERATED ALWAYS AS IDENTITY;

-- Few rows of a wide range of numbers are noted one by one: whoever looks for them need not read the range.
CREATE OR REPLACE FUNCTION raw.note_arrivals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sparse boolean := (SELECT max(raw_id) - min(raw_id) >= 10 * count(*) FROM arrived);
BEGIN
    WITH by_text AS (
        SELECT raw.date_key(purchase_date) AS date_key, count(*) AS rows,
            min(raw_id) AS first_raw_id, max(raw_id) AS last_raw_id,
            min(arrived_at) AS arrived_from, max(arrived_at) AS arrived_to
        FROM arrived
        GROUP BY raw.date_key(purchase_date)
    ),
    counted AS (
        INSERT INTO raw.bt_crypto_raw_counts (date_key, rows)
        SELECT date_key, rows FROM by_text WHERE raw.date_group(date_key) IS NOT NULL
    )
    INSERT INTO raw.bt_crypto_arrivals (
        first_raw_id, last_raw_id, date_key, arrived_from, arrived_to
    )
    SELECT min(min(first_raw_id)) OVER (), max(max(last_raw_id)) OVER (),
        raw.date_group(date_key), min(arrived_from), max(arrived_to)
    FROM by_text
    GROUP BY raw.date_group(date_key)
    HAVING NOT sparse
    UNION ALL
    SELECT raw_id, raw_id, raw.date_group(raw.date_key(purchase_date)), arrived_at, arrived_at
    FROM arrived
    WHERE sparse;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION raw.note_departures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_departures (raw_id) SELECT raw_id FROM departed;
    INSERT INTO raw.bt_crypto_raw_counts (date_key, rows)
    SELECT raw.date_key(purchase_date), -count(*)
    FROM departed
    WHERE raw.date_group(raw.date_key(purchase_date)) IS NOT NULL
    GROUP BY raw.date_key(purchase_date);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION raw.note_that_all_departed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_departures (raw_id) VALUES (NULL);
    DELETE FROM raw.bt_crypto_raw_counts;
    RETURN NULL;
END $$;

CREATE FUNCTION raw.count_forgotten() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_day_counts (day, generation, judged_rows)
    SELECT purchase_date, (SELECT generation FROM raw.bt_crypto_judged_contract), -count(*)
    FROM forgotten
    WHERE purchase_date IS NOT NULL
    GROUP BY purchase_date;
    RETURN NULL;
END $$;
CREATE TRIGGER count_deleted AFTER DELETE ON raw.bt_crypto_judged
    REFERENCING OLD TABLE AS forgotten
    FOR EACH STATEMENT EXECUTE FUNCTION raw.count_forgotten();

CREATE FUNCTION raw.count_deleted_events() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO raw.bt_crypto_day_counts (day, live_rows)
    SELECT purchase_date, -count(*) FROM deleted WHERE is_active GROUP BY purchase_date;
    RETURN NULL;
END $$;

-- The merge deletes nothing, but whoever forgets a person does.
CREATE OR REPLACE FUNCTION prod.watch_bt_crypto_events(watched regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER note_changed_by_others '
        'AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT WHEN (current_setting(''kpi.publishes'', true) IS DISTINCT FROM ''on'') '
        'EXECUTE FUNCTION raw.touch_every_day()', watched
    );
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER count_deleted AFTER DELETE ON %s '
        'REFERENCING OLD TABLE AS deleted '
        'FOR EACH STATEMENT EXECUTE FUNCTION raw.count_deleted_events()', watched
    );
END $$;
SELECT prod.watch_bt_crypto_events(relid) FROM pg_partition_tree('prod.bt_crypto_events');

-- Room in each page for the next version of a row: what is updated needs no line in the index then, and
-- VACUUM need not read the index.
DO $$ DECLARE partition regclass; BEGIN
    FOR partition IN SELECT relid FROM pg_partition_tree('prod.bt_crypto_events') WHERE isleaf
    LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 90)', partition);
    END LOOP;
END $$;

INSERT INTO raw.bt_crypto_raw_counts (date_key, rows)
SELECT raw.date_key(purchase_date), count(*)
FROM raw.bt_crypto_transaction_history
WHERE raw.date_group(raw.date_key(purchase_date)) IS NOT NULL
GROUP BY raw.date_key(purchase_date);
-- The first run judges and compares all of its window, and counts it.
DELETE FROM raw.bt_crypto_judged_contract;

COMMENT ON COLUMN raw.bt_crypto_judged_contract.generation IS
    'Counts all judgements that were made void: judged rows are counted for one generation alone';

COMMENT ON TABLE raw.bt_crypto_raw_counts IS
'How many raw rows have a text as their date: the sum of its lines; triggers write them, whoever stores, changes or deletes raw rows
Written by: generate_fake_history_last_5_days, build_events_candidate, prune_warehouse, kpi ingest, kpi rejects correct, kpi forget
Read by: build_events_candidate, kpi plan';
COMMENT ON COLUMN raw.bt_crypto_raw_counts.date_key IS
    'The date''s text, without blanks around it; texts that cannot be a date are not counted';
COMMENT ON COLUMN raw.bt_crypto_raw_counts.rows IS 'Rows that came, or, below 0, that went';

COMMENT ON TABLE raw.bt_crypto_day_counts IS
'How many rows of a day are judged, and how many are live: the sum of its lines. Good for days of raw.bt_crypto_judged_days that are not touched as a whole
Written by: build_events_candidate, merge_to_prod, prune_warehouse, kpi forget
Read by: build_events_candidate, merge_to_prod, kpi plan';
COMMENT ON COLUMN raw.bt_crypto_day_counts.day IS 'Day of the purchases';
COMMENT ON COLUMN raw.bt_crypto_day_counts.generation IS
    'That of raw.bt_crypto_judged_contract; judged_rows of another one count no more';
COMMENT ON COLUMN raw.bt_crypto_day_counts.judged_rows IS
    'Rows of raw.bt_crypto_judged that came, or, below 0, that went';
COMMENT ON COLUMN raw.bt_crypto_day_counts.live_rows IS
    'Live rows of prod.bt_crypto_events that came, or, below 0, that went';
