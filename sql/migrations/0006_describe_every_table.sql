-- What every schema, table, view and column holds: docs/data_dictionary.md is made from it.
-- A table's comment says on lines of their own who writes it and who reads it: steps, commands,
-- the app, people. Runs on PostgreSQL 15 to 18.

-- A schema that was there before may belong to somebody else: then it stays as it is.
DO $$ BEGIN
    COMMENT ON SCHEMA raw IS 'What was delivered, as it was delivered';
    COMMENT ON SCHEMA staging IS 'The window of the current run: rebuilt by each run, kept by none';
    COMMENT ON SCHEMA prod IS 'What people and the app read';
    COMMENT ON SCHEMA dqm IS 'Data quality: runs, verdicts, rejects, decisions and what keeps runs apart';
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'The schemas belong to another role and stay without a comment.';
END $$;

COMMENT ON TABLE raw.bt_crypto_transaction_history IS
'Crypto transactions exactly as delivered, every cell as text; purchase_date is D/M/YYYY
Written by: generate_fake_history_last_5_days, kpi ingest, kpi rejects correct
Read by: generate_fake_history_last_5_days, build_events_candidate, ge_validate_raw, ge_validate_candidate, notify_success, kpi ingest, kpi plan, kpi replay, kpi rejects correct';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.raw_id IS 'Number of the raw row';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.site_id IS 'Marketplace site, as delivered';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.user_id IS 'User who bought, as delivered';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.purchase_date IS 'Day of the purchase, as delivered';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.crypto_type IS 'Crypto asset that was bought, as delivered';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.purchase_price IS 'Price of one unit, as delivered';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.purchase_units IS 'Units bought, as delivered';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.source_name IS
    'Name of the file; "generator" for a fake row, "correction of raw row N" for a corrected copy';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.source_row_number IS 'Number of the row in its source, from 1';
COMMENT ON COLUMN raw.bt_crypto_transaction_history.arrived_at IS 'When the row was stored';

COMMENT ON TABLE raw.bt_crypto_transaction_history_replaced IS
'Raw rows that a later delivery in mode replace-days replaced
Written by: kpi ingest
Read by: people';
COMMENT ON COLUMN raw.bt_crypto_transaction_history_replaced.replaced_at IS 'When the row was moved here';
COMMENT ON COLUMN raw.bt_crypto_transaction_history_replaced.replaced_by IS 'Name of the file that replaced it';

COMMENT ON TABLE raw.deliveries IS
'Each file that was stored, a row per file
Written by: kpi ingest
Read by: people';
COMMENT ON COLUMN raw.deliveries.delivery_id IS 'Number of the delivery';
COMMENT ON COLUMN raw.deliveries.source_name IS 'Name of the file';
COMMENT ON COLUMN raw.deliveries.mode IS 'append, or replace-days: earlier rows of the delivered days were moved away';
COMMENT ON COLUMN raw.deliveries.rows_loaded IS 'Rows of the file, all of which were stored';
COMMENT ON COLUMN raw.deliveries.rows_replaced IS 'Earlier rows that were moved to raw.bt_crypto_transaction_history_replaced';
COMMENT ON COLUMN raw.deliveries.delivered_at IS 'When the file was stored';

COMMENT ON TABLE staging.bt_crypto_events_window IS
'The raw rows of the current run''s window, each exactly once: read, parsed and judged
Written by: build_events_candidate
Read by: build_events_candidate, ge_validate_raw, ge_validate_candidate, merge_to_prod';
COMMENT ON COLUMN staging.bt_crypto_events_window.raw_id IS 'Number of the raw row';
COMMENT ON COLUMN staging.bt_crypto_events_window.user_id IS 'User who bought; NULL when the cell is no whole number';
COMMENT ON COLUMN staging.bt_crypto_events_window.purchase_date IS 'Day of the purchase; NULL when the cell is no date';
COMMENT ON COLUMN staging.bt_crypto_events_window.latest_date IS
    'The day after arrival: a later purchase_date is in the future';
COMMENT ON COLUMN staging.bt_crypto_events_window.superseded_by IS
    'raw_id of the row with the same key that was kept; NULL for a row that was not superseded';
COMMENT ON COLUMN staging.bt_crypto_events_window.dismissed IS
    'true when somebody set the row aside for good, otherwise NULL';
COMMENT ON COLUMN staging.bt_crypto_events_window.site_id IS 'Marketplace site, without blanks around it';
COMMENT ON COLUMN staging.bt_crypto_events_window.crypto_type IS 'Crypto asset, without blanks around it';
COMMENT ON COLUMN staging.bt_crypto_events_window.purchase_price IS 'Price of one unit; NULL when the cell is no number';
COMMENT ON COLUMN staging.bt_crypto_events_window.purchase_units IS 'Units bought; NULL when the cell is no number';
COMMENT ON COLUMN staging.bt_crypto_events_window.purchase_value IS 'purchase_price * purchase_units';
COMMENT ON COLUMN staging.bt_crypto_events_window.unreadable_user_id IS
    'The cell when it could not be read, empty when nothing had arrived; NULL for a readable one';
COMMENT ON COLUMN staging.bt_crypto_events_window.unreadable_purchase_date IS
    'The cell when it could not be read, empty when nothing had arrived; NULL for a readable one';
COMMENT ON COLUMN staging.bt_crypto_events_window.unreadable_purchase_price IS
    'The cell when it could not be read, empty when nothing had arrived; NULL for a readable one';
COMMENT ON COLUMN staging.bt_crypto_events_window.unreadable_purchase_units IS
    'The cell when it could not be read, empty when nothing had arrived; NULL for a readable one';
COMMENT ON COLUMN staging.bt_crypto_events_window.reasons IS
    'ids of the contract''s rules that the row breaks; NULL for a good row';

COMMENT ON VIEW staging.bt_crypto_events_raw_window IS
'The window without dismissed rows: what suite_raw_history checks
Read by: ge_validate_raw, merge_to_prod, kpi plan';
COMMENT ON VIEW staging.bt_crypto_events_candidate IS
'What the run would publish, and what suite_staging_candidate checks
Read by: build_events_candidate, ge_validate_candidate, merge_to_prod, kpi plan';
COMMENT ON COLUMN staging.bt_crypto_events_candidate.raw_id IS 'Number of the raw row';

COMMENT ON TABLE prod.bt_crypto_events IS
'Published crypto events, one row per purchase_date, site_id, user_id and crypto_type; a partition per month
Written by: merge_to_prod
Read by: merge_to_prod, kpi plan, the app, people';
COMMENT ON COLUMN prod.bt_crypto_events.purchase_date IS 'Day of the purchase';
COMMENT ON COLUMN prod.bt_crypto_events.site_id IS 'Marketplace site';
COMMENT ON COLUMN prod.bt_crypto_events.user_id IS 'User who bought';
COMMENT ON COLUMN prod.bt_crypto_events.crypto_type IS 'Crypto asset that was bought';
COMMENT ON COLUMN prod.bt_crypto_events.purchase_price IS 'Price of one unit';
COMMENT ON COLUMN prod.bt_crypto_events.purchase_units IS 'Units bought';
COMMENT ON COLUMN prod.bt_crypto_events.purchase_value IS 'purchase_price * purchase_units';
COMMENT ON COLUMN prod.bt_crypto_events.is_active IS 'false when the row vanished from its source; it is kept';
COMMENT ON COLUMN prod.bt_crypto_events.created_at IS 'When the row was first published';
COMMENT ON COLUMN prod.bt_crypto_events.updated_at IS 'Moves only when a value or is_active changes';

COMMENT ON TABLE prod.bt_churn_scores IS
'Probability that a user makes no payment in the 30 days after as_of
Written by: score_users
Read by: score_users, kpi score, people';
COMMENT ON COLUMN prod.bt_churn_scores.as_of IS 'The day that the features describe';
COMMENT ON COLUMN prod.bt_churn_scores.user_id IS 'User who was scored';
COMMENT ON COLUMN prod.bt_churn_scores.model_version IS 'Version of churn-model that scored';
COMMENT ON COLUMN prod.bt_churn_scores.probability IS 'Probability of churn, from 0 to 1';
COMMENT ON COLUMN prod.bt_churn_scores.scored_at IS 'When the score was written';

COMMENT ON TABLE dqm.bt_crypto_events_runs IS
'One row per run: what was staged, and what was published
Written by: build_events_candidate, merge_to_prod
Read by: ge_validate_raw, ge_validate_candidate, merge_to_prod, vacuum_analyze_prod, notify_success, kpi run, kpi backfill, kpi replay, the app';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.run_id IS 'Id of the run, the same in all of its steps';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.as_of IS 'Last day of the window';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.window_start IS 'First day of the window';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.policy IS 'abort: bad rows stop the run; quarantine: the rest is published';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.staged_at IS 'When the window was staged';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.staged_by IS
    'The transaction that filled staging.bt_crypto_events_window: what it validated is published, or nothing';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.raw_rows IS 'Raw rows of the window: the sum of the next four';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.candidate_rows IS 'Rows to publish';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.rejected_rows IS 'Rows that break a rule';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.superseded_rows IS 'Exact repetitions of another row';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.dismissed_rows IS 'Rows that somebody set aside for good';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.published_at IS 'When the run published; NULL until then';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.inserted_rows IS 'Rows that were new in prod.bt_crypto_events';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.updated_rows IS 'Rows whose price or units changed';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.reactivated_rows IS 'Rows that had vanished and came back';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.deactivated_rows IS 'Rows that vanished from the source';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.unchanged_rows IS 'Rows that stayed as they were';
COMMENT ON COLUMN dqm.bt_crypto_events_runs.protected_rows IS
    'Rows that vanished and stay live: their key was rejected, or their day was not delivered';

COMMENT ON TABLE dqm.dq_runs IS
'The verdict of Great Expectations, one row per run and suite
Written by: ge_validate_raw, ge_validate_candidate
Read by: ge_validate_raw, ge_validate_candidate, merge_to_prod, people';
COMMENT ON COLUMN dqm.dq_runs.run_id IS 'Id of the run, the same in all of its steps';
COMMENT ON COLUMN dqm.dq_runs.suite IS 'suite_raw_history or suite_staging_candidate';
COMMENT ON COLUMN dqm.dq_runs.as_of IS 'Last day of the window';
COMMENT ON COLUMN dqm.dq_runs.window_start IS 'First day of the window';
COMMENT ON COLUMN dqm.dq_runs.staged_by IS 'The transaction that staged the rows that were judged';
COMMENT ON COLUMN dqm.dq_runs.success IS 'Whether every expectation held and nothing else stopped the run';
COMMENT ON COLUMN dqm.dq_runs.tolerated IS
    'The suite failed, the bad rows were set aside and the run went on (policy quarantine)';
COMMENT ON COLUMN dqm.dq_runs.expectations IS 'How many expectations were checked';
COMMENT ON COLUMN dqm.dq_runs.failed_expectations IS 'How many of them failed';
COMMENT ON COLUMN dqm.dq_runs.results IS 'Each check with its id, what it checks, and what was found';
COMMENT ON COLUMN dqm.dq_runs.validated_at IS 'When the suite ran';

COMMENT ON TABLE dqm.bt_crypto_events_rejects IS
'Each bad row as it arrived, once per rule and run; open until resolved_at is set
Written by: ge_validate_raw, ge_validate_candidate, merge_to_prod, kpi ingest, kpi rejects dismiss, kpi rejects correct
Read by: ge_validate_raw, ge_validate_candidate, merge_to_prod, kpi ingest, kpi rejects, kpi replay, the app, people';
COMMENT ON COLUMN dqm.bt_crypto_events_rejects.reject_id IS 'Number of the reject';
COMMENT ON COLUMN dqm.bt_crypto_events_rejects.run_id IS 'The run that rejected the row';
COMMENT ON COLUMN dqm.bt_crypto_events_rejects.reason IS 'id of the rule that the row breaks, or duplicate_candidate';
COMMENT ON COLUMN dqm.bt_crypto_events_rejects.as_of IS 'Last day of that run''s window';
COMMENT ON COLUMN dqm.bt_crypto_events_rejects.rejected_at IS 'When the row was rejected';
COMMENT ON COLUMN dqm.bt_crypto_events_rejects.resolved_at IS 'When the reject was closed; NULL while it is open';
COMMENT ON COLUMN dqm.bt_crypto_events_rejects.resolution IS
    'Why it was closed: published by a run, superseded by a row, replaced by a file, or dismissed by somebody';

COMMENT ON TABLE dqm.bt_crypto_events_superseded IS
'Exact repetitions of a published row, and the raw row that was kept in their place
Written by: merge_to_prod
Read by: people';
COMMENT ON COLUMN dqm.bt_crypto_events_superseded.raw_id IS 'Number of the raw row that repeats another';
COMMENT ON COLUMN dqm.bt_crypto_events_superseded.kept_raw_id IS 'Number of the raw row that was kept';
COMMENT ON COLUMN dqm.bt_crypto_events_superseded.run_id IS 'The run that said so last';
COMMENT ON COLUMN dqm.bt_crypto_events_superseded.recorded_at IS 'When it said so';

COMMENT ON TABLE dqm.bt_crypto_events_dismissals IS
'Rows known to be bad and set aside for good, told by their content: the same line stays dismissed when it is delivered again
Written by: kpi rejects dismiss, kpi rejects correct
Read by: build_events_candidate, kpi plan, kpi rejects dismiss, kpi rejects correct, people';
COMMENT ON COLUMN dqm.bt_crypto_events_dismissals.content_md5 IS 'MD5 of the six delivered cells';
COMMENT ON COLUMN dqm.bt_crypto_events_dismissals.dismissed_by IS 'Who set the row aside';
COMMENT ON COLUMN dqm.bt_crypto_events_dismissals.why IS 'The reason that was given';
COMMENT ON COLUMN dqm.bt_crypto_events_dismissals.dismissed_at IS 'When the row was set aside';

COMMENT ON TABLE dqm.calendar IS
'Every text that is a real date in the format of the contract; filled again when the contract''s dates change
Written by: build_events_candidate, kpi ingest, kpi replay
Read by: build_events_candidate, notify_success, kpi ingest, kpi plan, kpi replay';
COMMENT ON COLUMN dqm.calendar.form IS 'The date as text';
COMMENT ON COLUMN dqm.calendar.day IS 'The day that it means';

COMMENT ON TABLE dqm.calendar_contract IS
'The date format and years that dqm.calendar is filled for, in one row
Written by: build_events_candidate, kpi ingest, kpi replay
Read by: build_events_candidate, kpi ingest, kpi plan, kpi replay';
COMMENT ON COLUMN dqm.calendar_contract.only_row IS 'Always true: keeps the table at one row';
COMMENT ON COLUMN dqm.calendar_contract.date_format IS 'Format of purchase_date, such as D/M/YYYY';
COMMENT ON COLUMN dqm.calendar_contract.first_year IS 'First year of the calendar';
COMMENT ON COLUMN dqm.calendar_contract.last_year IS 'Last year of the calendar';

COMMENT ON TABLE dqm.bt_churn_promotions IS
'The promotion ledger: who made which version of churn-model Production, when and why; why others stayed candidates
Written by: promote_model, skip_promotion, kpi model rollback
Read by: kpi model history, kpi model rollback, the app';
COMMENT ON COLUMN dqm.bt_churn_promotions.promotion_id IS 'Number of the line; a later line has a higher one';
COMMENT ON COLUMN dqm.bt_churn_promotions.action IS 'promoted, skipped or rolled back';
COMMENT ON COLUMN dqm.bt_churn_promotions.version IS 'The version that was decided about; of a rollback, the one that is Production again';
COMMENT ON COLUMN dqm.bt_churn_promotions.former_version IS 'What was Production before; NULL when there was none';
COMMENT ON COLUMN dqm.bt_churn_promotions.run_id IS 'The training run; NULL for a rollback';
COMMENT ON COLUMN dqm.bt_churn_promotions.decided_by IS 'Who decided: a person, or the account that ran the step';
COMMENT ON COLUMN dqm.bt_churn_promotions.reasons IS 'Every reason for a promotion, or against it';
COMMENT ON COLUMN dqm.bt_churn_promotions.decided_at IS 'When it was decided';

COMMENT ON TABLE dqm.bt_churn_drift_runs IS
'One row per comparison of a snapshot with the weeks before it
Written by: log_drift_result
Read by: log_drift_result, kpi drift, the app';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.run_id IS 'Id of the run';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.snapshot_day IS 'The day that the snapshot describes';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.columns IS 'How many columns were compared';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.drifted_columns IS 'How many of them drifted';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.drifted_share IS 'drifted_columns / columns';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.drifted_week IS 'So many columns drifted that the week counts towards a training';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.reference_snapshots IS 'Days of the weekly snapshots whose average was compared with';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.left_out IS 'Columns of which nothing is known, neither now nor before';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.simulated IS 'A demonstration: the drift was made up, it counts towards nothing';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.report IS 'Where the report is kept';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.logged_at IS 'When the comparison was recorded';

COMMENT ON TABLE dqm.bt_churn_drift IS
'One row per column of such a comparison
Written by: log_drift_result
Read by: the app, people';
COMMENT ON COLUMN dqm.bt_churn_drift.run_id IS 'The comparison';
COMMENT ON COLUMN dqm.bt_churn_drift.snapshot_day IS 'The day that the snapshot describes';
COMMENT ON COLUMN dqm.bt_churn_drift.column_name IS 'The feature or score that was compared';
COMMENT ON COLUMN dqm.bt_churn_drift.method IS
    'How it was compared; missing: known before and not at all now, or the other way round';
COMMENT ON COLUMN dqm.bt_churn_drift.threshold IS 'From this score on the column counts as drifted';
COMMENT ON COLUMN dqm.bt_churn_drift.score IS 'How far the snapshot is from the weeks before';
COMMENT ON COLUMN dqm.bt_churn_drift.drifted IS 'Whether the column drifted';
COMMENT ON COLUMN dqm.bt_churn_drift.simulated IS 'The drift was made up, for a demonstration';

COMMENT ON TABLE dqm.bt_churn_sources IS
'One row per look at the five source files
Written by: detect_source_changes, emit_source_update, kpi watch
Read by: detect_source_changes, emit_source_update, kpi watch';
COMMENT ON COLUMN dqm.bt_churn_sources.run_id IS 'Id of the run that looked';
COMMENT ON COLUMN dqm.bt_churn_sources.source IS 'Folder of the files';
COMMENT ON COLUMN dqm.bt_churn_sources.sha256 IS 'SHA-256 of each file';
COMMENT ON COLUMN dqm.bt_churn_sources.changed IS 'Files that differ from those of the last event';
COMMENT ON COLUMN dqm.bt_churn_sources.checked_at IS 'When the files were looked at';
COMMENT ON COLUMN dqm.bt_churn_sources.event_at IS
    'When the event was handed over; only then is the next look compared with this one';

COMMENT ON TABLE dqm.pipeline_holds IS
'The run that keeps a pipeline between two steps that are processes of their own, as under Airflow; at most one row per pipeline
Written by: kpi step, kpi run, kpi backfill, kpi replay, kpi plan, kpi train, kpi score, kpi drift, kpi watch, kpi model rollback
Read by: kpi step, kpi run, kpi backfill, kpi replay, kpi plan, kpi train, kpi score, kpi drift, kpi watch, kpi model rollback';
COMMENT ON COLUMN dqm.pipeline_holds.pipeline IS 'Name of the pipeline';
COMMENT ON COLUMN dqm.pipeline_holds.run_id IS 'The run that keeps it';
COMMENT ON COLUMN dqm.pipeline_holds.as_of IS 'The day of that run';
COMMENT ON COLUMN dqm.pipeline_holds.held_since IS 'When the run''s first step ended';
COMMENT ON COLUMN dqm.pipeline_holds.held_until IS 'A run whose next step has not begun by then is taken for gone';

COMMENT ON TABLE dqm.schema_migrations IS
'The files of sql/migrations that were applied; every command that writes to the warehouse applies what is missing
Written by: kpi run, kpi backfill, kpi replay, kpi plan, kpi ingest, kpi rejects, kpi train, kpi score, kpi drift, kpi watch, kpi model history, kpi model rollback, kpi step, kpi demo, kpi up, kpi prepare databases
Read by: kpi run, kpi backfill, kpi replay, kpi plan, kpi ingest, kpi rejects, kpi train, kpi score, kpi drift, kpi watch, kpi model history, kpi model rollback, kpi step, kpi demo, kpi up, kpi prepare databases, kpi doctor';
COMMENT ON COLUMN dqm.schema_migrations.version IS 'Name of the file, without .sql';
COMMENT ON COLUMN dqm.schema_migrations.checksum IS 'SHA-256 of the file';
COMMENT ON COLUMN dqm.schema_migrations.applied_at IS 'When it was applied';

-- Columns that repeat another table's mean the same there.
DO $$ DECLARE repeated record; BEGIN
    FOR repeated IN
        SELECT copy.attrelid::regclass AS relation, copy.attname AS name,
            col_description(original.attrelid, original.attnum) AS meaning
        FROM (VALUES
            ('raw.bt_crypto_transaction_history_replaced', 'raw.bt_crypto_transaction_history'),
            ('dqm.bt_crypto_events_rejects', 'raw.bt_crypto_transaction_history'),
            ('dqm.bt_crypto_events_dismissals', 'raw.bt_crypto_transaction_history'),
            ('staging.bt_crypto_events_raw_window', 'staging.bt_crypto_events_window'),
            ('staging.bt_crypto_events_candidate', 'prod.bt_crypto_events')
        ) AS pair (copies, originals)
        JOIN pg_attribute AS copy ON copy.attrelid = pair.copies::regclass
        JOIN pg_attribute AS original
          ON original.attrelid = pair.originals::regclass AND original.attname = copy.attname
        WHERE copy.attnum > 0 AND col_description(copy.attrelid, copy.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', repeated.relation, repeated.name, repeated.meaning);
    END LOOP;
END $$;
