-- What the churn monitor found, and which source files churn was told of. Runs on PostgreSQL 15 to 18.

-- One row per comparison of a snapshot with the weeks before it.
CREATE TABLE dqm.bt_churn_drift_runs (
    run_id              text PRIMARY KEY,
    snapshot_day        date NOT NULL,
    columns             int NOT NULL,
    drifted_columns     int NOT NULL,
    drifted_share       double precision NOT NULL,
    drifted_week        boolean NOT NULL,
    reference_snapshots date[] NOT NULL,
    left_out            text[] NOT NULL,
    simulated           boolean NOT NULL,
    report              text NOT NULL,
    logged_at           timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN dqm.bt_churn_drift_runs.drifted_week IS
    'so many columns drifted that the week counts towards a training';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.reference_snapshots IS
    'days of the weekly snapshots whose average was compared with';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.left_out IS
    'columns of which nothing is known, neither now nor before';
COMMENT ON COLUMN dqm.bt_churn_drift_runs.simulated IS
    'a demonstration: the drift was made up, it counts towards nothing';
CREATE INDEX bt_churn_drift_runs_snapshot_day ON dqm.bt_churn_drift_runs (snapshot_day);

-- One row per column of such a comparison.
CREATE TABLE dqm.bt_churn_drift (
    run_id       text NOT NULL REFERENCES dqm.bt_churn_drift_runs ON DELETE CASCADE,
    snapshot_day date NOT NULL,
    column_name  text NOT NULL,
    method       text NOT NULL,
    threshold    double precision NOT NULL,
    score        double precision NOT NULL,
    drifted      boolean NOT NULL,
    simulated    boolean NOT NULL,
    PRIMARY KEY (run_id, column_name)
);
COMMENT ON COLUMN dqm.bt_churn_drift.method IS
    'missing: known before and not at all now, or the other way round';
CREATE INDEX bt_churn_drift_snapshot_day ON dqm.bt_churn_drift (snapshot_day);

-- One row per look at the source files: their SHA-256, and which differ from the last event's.
CREATE TABLE dqm.bt_churn_sources (
    run_id     text PRIMARY KEY,
    source     text NOT NULL,
    sha256     jsonb NOT NULL,
    changed    text[] NOT NULL,
    checked_at timestamptz NOT NULL DEFAULT now(),
    event_at   timestamptz
);
COMMENT ON COLUMN dqm.bt_churn_sources.event_at IS
    'when the event was handed over; only then is the next look compared with this one';
CREATE INDEX bt_churn_sources_event_at ON dqm.bt_churn_sources (event_at);
