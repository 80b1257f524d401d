-- What retention needs: scores by month, which days' raw rows are gone, what was removed. Runs on
-- PostgreSQL 15 to 18.

CREATE TABLE locks.retention ();

-- Partitions, because dropping a month is instant where deleting it is not.
ALTER TABLE prod.bt_churn_scores RENAME TO bt_churn_scores_before;
ALTER TABLE prod.bt_churn_scores_before RENAME CONSTRAINT bt_churn_scores_pkey TO bt_churn_scores_before_pkey;
CREATE TABLE prod.bt_churn_scores (
    LIKE prod.bt_churn_scores_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS,
    PRIMARY KEY (as_of, user_id)
) PARTITION BY RANGE (as_of);

DO $$
DECLARE
    month date;
    given record;
BEGIN
    FOR month IN
        SELECT DISTINCT date_trunc('month', as_of)::date FROM prod.bt_churn_scores_before ORDER BY 1
    LOOP
        EXECUTE format(
            'CREATE TABLE prod.%I PARTITION OF prod.bt_churn_scores FOR VALUES FROM (%L) TO (%L)',
            'bt_churn_scores_' || to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date
        );
    END LOOP;
    -- Whoever could read, or had been given a column, still can.
    FOR given IN
        SELECT acl.grantee, acl.privilege_type, acl.is_grantable, NULL AS column_name
        FROM pg_class AS relation, aclexplode(relation.relacl) AS acl
        WHERE relation.oid = 'prod.bt_churn_scores_before'::regclass AND acl.grantee <> relation.relowner
        UNION ALL
        SELECT acl.grantee, acl.privilege_type, acl.is_grantable, attribute.attname
        FROM pg_attribute AS attribute, aclexplode(attribute.attacl) AS acl
        WHERE attribute.attrelid = 'prod.bt_churn_scores_before'::regclass
    LOOP
        EXECUTE format(
            'GRANT %s %s ON prod.bt_churn_scores TO %s %s',
            given.privilege_type,
            CASE WHEN given.column_name IS NULL THEN '' ELSE format('(%I)', given.column_name) END,
            CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE given.grantee::regrole::text END,
            CASE WHEN given.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END
        );
    END LOOP;
END $$;

INSERT INTO prod.bt_churn_scores SELECT * FROM prod.bt_churn_scores_before;
DROP TABLE prod.bt_churn_scores_before;

COMMENT ON TABLE prod.bt_churn_scores IS
'Probability that a user makes no payment in the 30 days after as_of; a partition per month
Written by: score_users, prune_warehouse
Read by: score_users, prune_warehouse, prune_mlflow, kpi score, people';

CREATE TABLE dqm.bt_crypto_events_pruned_days (
    day       date PRIMARY KEY,
    rows      bigint NOT NULL,
    run_id    text NOT NULL,
    pruned_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dqm.bt_crypto_events_pruned_days IS
'Days of which raw rows were removed: a run that meets one invents no rows for it, and what is published of it stays
Written by: prune_warehouse, kpi ingest
Read by: generate_fake_history_last_5_days, merge_to_prod, kpi backfill, kpi plan, people';
COMMENT ON COLUMN dqm.bt_crypto_events_pruned_days.day IS 'The day of the purchases; a file that delivers the whole day again takes it off this list';
COMMENT ON COLUMN dqm.bt_crypto_events_pruned_days.rows IS 'Raw rows that were removed';
COMMENT ON COLUMN dqm.bt_crypto_events_pruned_days.run_id IS 'The run that removed the last of them';
COMMENT ON COLUMN dqm.bt_crypto_events_pruned_days.pruned_at IS 'When it did';

CREATE TABLE dqm.prunings (
    run_id    text NOT NULL,
    place     text NOT NULL,
    mode      text NOT NULL CHECK (mode IN ('dry-run', 'prune')),
    as_of     date NOT NULL,
    kept_from date NOT NULL,
    rows      bigint NOT NULL,
    files     bigint NOT NULL,
    bytes     bigint NOT NULL,
    pruned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, place)
);
COMMENT ON TABLE dqm.prunings IS
'What retention removed, a row per run and place; of a dry run, what it would have removed
Written by: prune_warehouse, prune_files, prune_mlflow, prune_prefect
Read by: prune_warehouse, tell_what_was_pruned, kpi prune, people';
COMMENT ON COLUMN dqm.prunings.run_id IS 'Id of the run';
COMMENT ON COLUMN dqm.prunings.place IS 'The table, the kind of files, or the program';
COMMENT ON COLUMN dqm.prunings.mode IS 'prune: it was removed; dry-run: it was counted and stayed';
COMMENT ON COLUMN dqm.prunings.as_of IS 'The day that ages were counted to';
COMMENT ON COLUMN dqm.prunings.kept_from IS 'What is older than this day was removed';
COMMENT ON COLUMN dqm.prunings.rows IS 'Rows, or runs and versions of a program';
COMMENT ON COLUMN dqm.prunings.files IS 'Files';
COMMENT ON COLUMN dqm.prunings.bytes IS 'Their size; 0 where the program does not say';
COMMENT ON COLUMN dqm.prunings.pruned_at IS 'When the place was last counted';
