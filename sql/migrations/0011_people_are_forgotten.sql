-- Who was forgotten, told by a keyed hash alone. Runs on PostgreSQL 15 to 18.

CREATE TABLE dqm.bt_forgotten (
    line_id     uuid PRIMARY KEY,
    person      text NOT NULL CHECK (person ~ '^[0-9a-f]{64}$'),
    key_id      text NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
    action      text NOT NULL CHECK (action IN ('forgotten', 'lifted')),
    why         text NOT NULL,
    decided_by  text NOT NULL,
    decided_as  text NOT NULL DEFAULT session_user,
    decided_at  timestamptz NOT NULL,
    finished_at timestamptz,
    places      jsonb NOT NULL DEFAULT '{}'
);

COMMENT ON TABLE dqm.bt_forgotten IS
'Each person who was forgotten, and each whose forgetting was lifted; the last line of a person counts
Written by: kpi forget, kpi ingest, clean_raw_sources
Read by: kpi forget, kpi ingest, kpi rejects correct, clean_raw_sources, kpi doctor, people';
COMMENT ON COLUMN dqm.bt_forgotten.line_id IS 'Number of the line, the same in the ledger''s file';
COMMENT ON COLUMN dqm.bt_forgotten.person IS 'HMAC-SHA-256 of the user id, by a key that is not in the database';
COMMENT ON COLUMN dqm.bt_forgotten.key_id IS 'Which key that was: the beginning of its own hash';
COMMENT ON COLUMN dqm.bt_forgotten.action IS 'forgotten, or lifted: rows of this person are taken again';
COMMENT ON COLUMN dqm.bt_forgotten.why IS 'Why, in words; without the user id';
COMMENT ON COLUMN dqm.bt_forgotten.decided_by IS 'Who decided';
COMMENT ON COLUMN dqm.bt_forgotten.decided_as IS 'Role of the warehouse that wrote the line';
COMMENT ON COLUMN dqm.bt_forgotten.decided_at IS 'When it was decided';
COMMENT ON COLUMN dqm.bt_forgotten.finished_at IS 'When every place was searched; empty while one is not';
COMMENT ON COLUMN dqm.bt_forgotten.places IS 'How much the runs that came to their end deleted or made nameless, by place';

-- The tables of which it deletes have another writer, and reader.
DO $$ DECLARE held regclass; BEGIN
    FOREACH held IN ARRAY ARRAY[
        'raw.bt_crypto_transaction_history', 'raw.bt_crypto_transaction_history_replaced',
        'staging.bt_crypto_events_window', 'prod.bt_crypto_events', 'prod.bt_churn_scores',
        'dqm.bt_crypto_events_rejects', 'dqm.bt_crypto_events_dismissals',
        'dqm.bt_crypto_events_superseded'
    ]::regclass[]
    LOOP
        EXECUTE format('COMMENT ON TABLE %s IS %L', held, regexp_replace(
            obj_description(held, 'pg_class'), '((?:Written|Read) by: [^\n]*)', '\1, kpi forget', 'g'
        ));
    END LOOP;
END $$;
