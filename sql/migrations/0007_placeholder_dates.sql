-- The calendar leaves out days that systems write for "no date". Runs on PostgreSQL 15 to 18.

ALTER TABLE dqm.calendar_contract ADD COLUMN placeholder_dates date[] NOT NULL DEFAULT '{}';

COMMENT ON TABLE dqm.calendar_contract IS
'The date format, years and placeholders that dqm.calendar is filled for, in one row
Written by: build_events_candidate, kpi ingest, kpi replay
Read by: build_events_candidate, kpi ingest, kpi plan, kpi replay';
COMMENT ON COLUMN dqm.calendar_contract.placeholder_dates IS
'Days that the calendar leaves out, because systems write them when they know no date';
