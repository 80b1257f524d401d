-- Who keeps a pipeline between the steps of its run. Runs on PostgreSQL 15 to 18.

-- At most one row per pipeline. While a step runs, the advisory lock of its process counts; this
-- is for runs whose steps are processes of their own, as under Airflow.
CREATE TABLE dqm.pipeline_holds (
    pipeline   text PRIMARY KEY,
    run_id     text NOT NULL,
    as_of      date NOT NULL,
    held_since timestamptz NOT NULL DEFAULT now(),
    held_until timestamptz NOT NULL
);
COMMENT ON COLUMN dqm.pipeline_holds.held_until IS
    'a run whose next step has not begun by then is taken for gone';
