-- Schemas and tables of the crypto events pipeline. Runs on PostgreSQL 15 to 18.

CREATE SCHEMA IF NOT EXISTS raw;
CREATE SCHEMA IF NOT EXISTS staging;
CREATE SCHEMA IF NOT EXISTS prod;
CREATE SCHEMA IF NOT EXISTS dqm;

-- Cells may be surrounded by blanks, tabs and no-break spaces; nothing else is forgiven.
CREATE FUNCTION raw.trimmed(cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(cell, U&' \0009\00A0');

-- What a row is found by. Cut, because an index entry has a size limit and any text may land.
CREATE FUNCTION raw.date_key(purchase_date text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(coalesce(btrim(purchase_date, U&' \0009\00A0'), ''), 40);

-- Read a cell, or answer NULL: a cast never raises. ASCII digits only, no exponent, no grouping.
CREATE FUNCTION raw.to_number(cell text, max_length int) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(cell) <= max_length THEN
       CASE WHEN cell ~ '^-?[0-9]+([.][0-9]+)?$' THEN cell::numeric END END;

CREATE FUNCTION raw.to_bigint(cell text, max_length int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(cell) <= max_length THEN
       CASE WHEN cell ~ '^-?[0-9]+$' THEN
       CASE WHEN octet_length(cell) <= 18
              OR cell::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
            THEN cell::bigint END END END;

-- Exactly what arrived, as text, so that any row can land.
CREATE TABLE raw.bt_crypto_transaction_history (
    raw_id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id           text,
    user_id           text,
    purchase_date     text,
    crypto_type       text,
    purchase_price    text,
    purchase_units    text,
    source_name       text NOT NULL,
    source_row_number bigint NOT NULL,
    arrived_at        timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE raw.bt_crypto_transaction_history IS
    'Crypto transactions exactly as delivered; purchase_date is D/M/YYYY';

-- The window is read by the date's text, so its cost does not grow with history.
CREATE INDEX bt_crypto_transaction_history_purchase_date
    ON raw.bt_crypto_transaction_history (raw.date_key(purchase_date));
CREATE INDEX bt_crypto_transaction_history_arrived_at
    ON raw.bt_crypto_transaction_history (arrived_at);

-- Rows that a later delivery of the same days replaced: nothing is ever lost.
CREATE TABLE raw.bt_crypto_transaction_history_replaced (
    LIKE raw.bt_crypto_transaction_history,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    replaced_by text NOT NULL
);

CREATE TABLE raw.deliveries (
    delivery_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_name   text NOT NULL,
    mode          text NOT NULL CHECK (mode IN ('append', 'replace-days')),
    rows_loaded   bigint NOT NULL,
    rows_replaced bigint NOT NULL,
    delivered_at  timestamptz NOT NULL DEFAULT now()
);

-- Every text that is a real date in the contract's format, filled from the contract.
CREATE TABLE dqm.calendar (
    form text PRIMARY KEY,
    day  date NOT NULL
);
CREATE TABLE dqm.calendar_contract (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    date_format text NOT NULL,
    first_year  int NOT NULL,
    last_year   int NOT NULL
);

-- The raw rows of the current run's window, each exactly once: read, parsed and judged.
-- A cell that could not be read keeps its text in unreadable_…; '' when nothing had arrived.
CREATE UNLOGGED TABLE staging.bt_crypto_events_window (
    raw_id                    bigint NOT NULL,
    user_id                   bigint,
    purchase_date             date,
    latest_date               date NOT NULL,
    superseded_by             bigint,
    dismissed                 boolean,
    site_id                   text,
    crypto_type               text,
    purchase_price            numeric,
    purchase_units            numeric,
    purchase_value            numeric,
    unreadable_user_id        text,
    unreadable_purchase_date  text,
    unreadable_purchase_price text,
    unreadable_purchase_units text,
    reasons                   text[]
);
COMMENT ON COLUMN staging.bt_crypto_events_window.latest_date IS
    'the day after arrival: a later purchase_date is in the future';
COMMENT ON COLUMN staging.bt_crypto_events_window.reasons IS
    'ids of the contract''s rules that the row breaks; empty (NULL) for a good row';
COMMENT ON COLUMN staging.bt_crypto_events_window.superseded_by IS
    'raw_id of the row with the same key that was kept';

-- What suite_raw_history looks at.
CREATE VIEW staging.bt_crypto_events_raw_window AS
SELECT * FROM staging.bt_crypto_events_window WHERE dismissed IS NULL;

-- What a run would publish, and what suite_staging_candidate looks at.
CREATE VIEW staging.bt_crypto_events_candidate AS
SELECT raw_id, site_id, user_id, purchase_date, crypto_type,
       purchase_price, purchase_units, purchase_value
FROM staging.bt_crypto_events_window
WHERE reasons IS NULL AND superseded_by IS NULL AND dismissed IS NULL;

-- What people read. Monthly partitions are created by the merge as they are needed.
CREATE TABLE prod.bt_crypto_events (
    purchase_date  date NOT NULL,
    site_id        text NOT NULL,
    user_id        bigint NOT NULL,
    crypto_type    text NOT NULL,
    purchase_price numeric NOT NULL CHECK (purchase_price > 0),
    purchase_units numeric NOT NULL CHECK (purchase_units > 0),
    purchase_value numeric NOT NULL CHECK (purchase_value > 0),
    is_active      boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (purchase_date, site_id, user_id, crypto_type)
) PARTITION BY RANGE (purchase_date);
COMMENT ON COLUMN prod.bt_crypto_events.is_active IS
    'false when the row vanished from its source; it is kept';
COMMENT ON COLUMN prod.bt_crypto_events.updated_at IS
    'moves only when a value or is_active changes';

-- One row per run, written by its steps: what was staged, and what was published.
CREATE TABLE dqm.bt_crypto_events_runs (
    run_id           text PRIMARY KEY,
    as_of            date NOT NULL,
    window_start     date NOT NULL,
    policy           text NOT NULL,
    staged_at        timestamptz NOT NULL DEFAULT now(),
    staged_by        xid8 NOT NULL,
    raw_rows         bigint NOT NULL,
    candidate_rows   bigint NOT NULL,
    rejected_rows    bigint NOT NULL,
    superseded_rows  bigint NOT NULL,
    dismissed_rows   bigint NOT NULL,
    published_at     timestamptz,
    inserted_rows    bigint,
    updated_rows     bigint,
    reactivated_rows bigint,
    deactivated_rows bigint,
    unchanged_rows   bigint,
    protected_rows   bigint
);
COMMENT ON COLUMN dqm.bt_crypto_events_runs.staged_by IS
    'the transaction that filled staging.bt_crypto_events_window: what it validated is published, or nothing';
CREATE INDEX bt_crypto_events_runs_published_at ON dqm.bt_crypto_events_runs (published_at);

-- One row per suite and run: the verdict of Great Expectations.
CREATE TABLE dqm.dq_runs (
    run_id              text NOT NULL,
    suite               text NOT NULL,
    as_of               date NOT NULL,
    window_start        date NOT NULL,
    staged_by           xid8 NOT NULL,
    success             boolean NOT NULL,
    tolerated           boolean NOT NULL,
    expectations        int NOT NULL,
    failed_expectations int NOT NULL,
    results             jsonb NOT NULL,
    validated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, suite)
);
COMMENT ON COLUMN dqm.dq_runs.tolerated IS
    'the suite failed, the bad rows were set aside and the run went on (policy quarantine)';

-- Each bad row, once per rule and run, as it arrived.
CREATE TABLE dqm.bt_crypto_events_rejects (
    reject_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id            text NOT NULL,
    raw_id            bigint NOT NULL,
    reason            text NOT NULL,
    as_of             date NOT NULL,
    site_id           text,
    user_id           text,
    purchase_date     text,
    crypto_type       text,
    purchase_price    text,
    purchase_units    text,
    source_name       text NOT NULL,
    source_row_number bigint NOT NULL,
    arrived_at        timestamptz NOT NULL,
    rejected_at       timestamptz NOT NULL DEFAULT now(),
    resolved_at       timestamptz,
    resolution        text,
    UNIQUE (run_id, raw_id, reason)
);
CREATE INDEX bt_crypto_events_rejects_open
    ON dqm.bt_crypto_events_rejects (raw_id) WHERE resolved_at IS NULL;

-- Exact repetitions of a published row, and which raw row was kept in their place.
CREATE TABLE dqm.bt_crypto_events_superseded (
    raw_id      bigint PRIMARY KEY,
    kept_raw_id bigint NOT NULL,
    run_id      text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- Rows known to be bad and set aside for good. They are told by their content, so that
-- a repeated delivery of the same line stays dismissed.
CREATE TABLE dqm.bt_crypto_events_dismissals (
    content_md5    text PRIMARY KEY,
    site_id        text,
    user_id        text,
    purchase_date  text,
    crypto_type    text,
    purchase_price text,
    purchase_units text,
    dismissed_by   text NOT NULL,
    why            text NOT NULL,
    dismissed_at   timestamptz NOT NULL DEFAULT now()
);
