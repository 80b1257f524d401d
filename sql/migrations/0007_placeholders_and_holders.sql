-- The calendar leaves out days that systems write for "no date". Runs on PostgreSQL 15 to 18.

ALTER TABLE dqm.calendar_contract ADD COLUMN placeholder_dates date[] NOT NULL DEFAULT '{}';

COMMENT ON TABLE dqm.calendar_contract IS
'The date format, years and placeholders that dqm.calendar is filled for, in one row
Written by: build_events_candidate, kpi ingest, kpi replay
Read by: build_events_candidate, kpi ingest, kpi plan, kpi replay';
COMMENT ON COLUMN dqm.calendar_contract.placeholder_dates IS
'Days that the calendar leaves out, because systems write them when they know no date';

-- Not only between its steps: a run that is kept out names the one at work.
COMMENT ON TABLE dqm.pipeline_holds IS
'The run that has a pipeline, while it is at work and between steps that are processes of their own, as under Airflow; at most one row per pipeline
Written by: kpi step, kpi run, kpi backfill, kpi replay, kpi plan, kpi train, kpi score, kpi drift, kpi watch, kpi model rollback
Read by: kpi step, kpi run, kpi backfill, kpi replay, kpi plan, kpi train, kpi score, kpi drift, kpi watch, kpi model rollback';
COMMENT ON COLUMN dqm.pipeline_holds.held_since IS 'When the run''s first step began';
COMMENT ON COLUMN dqm.pipeline_holds.held_until IS 'Until when it keeps the pipeline without being at work: a run whose next step has not begun by then is taken for gone';
