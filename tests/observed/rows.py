"""Rows that runs of churn leave, and when: what the checks and metrics are counted from."""

from flows.platform.warehouse.connection import Connection


def decided(db: Connection, action: str, at: str) -> None:
    """A line of the promotion ledger."""
    db.execute(
        "INSERT INTO dqm.bt_churn_promotions (action, version, decided_by, reasons, decided_at)"
        " VALUES (%s, '1', 'me', ARRAY['asked'], %s)",
        [action, at],
    )


def compared(
    db: Connection, day: str, *, share: float = 0, drifted: bool = False, hole: str | None = None
) -> None:
    """A comparison of a day's users, logged at seven of that day."""
    db.execute(
        "INSERT INTO dqm.bt_churn_drift_runs (run_id, snapshot_day, columns, drifted_columns,"
        " drifted_share, drifted_week, reference_snapshots, left_out, simulated, report, logged_at,"
        " hole) VALUES (%s, %s, 10, 0, %s, %s, '{}', '{}', false, 'a page', %s, %s)",
        [f"drift of {day}", day, share, drifted, f"{day} 07:00+00", hole],
    )


def measured(db: Connection, day: str, at: str, kind: str = "estimated") -> None:
    """What is known of a day's scores, and since when; anew, when it was measured before."""
    db.execute(
        "INSERT INTO dqm.bt_churn_outcomes (as_of, model_version, among, kind, last_day, users,"
        " run_id, measured_at) VALUES (%(day)s, '1', 'all', %(kind)s, %(day)s, 9, '', %(at)s)"
        " ON CONFLICT (as_of, model_version, among)"
        " DO UPDATE SET kind = excluded.kind, measured_at = excluded.measured_at",
        {"day": day, "kind": kind, "at": at},
    )


def looked_at(db: Connection, at: str, **sha256: str) -> None:
    """A look of the watchdog at the churn files."""
    files = ", ".join(f"'{name}', '{value}'" for name, value in sha256.items())
    db.execute(
        "INSERT INTO dqm.bt_churn_sources (run_id, source, sha256, changed, checked_at)"
        f" VALUES (%s, 'x', jsonb_build_object({files}), '{{}}', %s)".encode(),
        [at, at],
    )


def staged(db: Connection, at: str, *, rejected: int, seconds: int | None = None) -> None:
    """A run of crypto events of five rows, published so many seconds later, or refused."""
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_runs (run_id, as_of, window_start, policy, staged_by,"
        " staged_at, raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows,"
        " published_at, inserted_rows) VALUES (%(at)s::text, '2026-01-01', '2026-01-01', 'abort',"
        " pg_current_xact_id(), %(at)s::timestamptz, 5, 5 - %(rejected)s, %(rejected)s, 0, 0,"
        " %(at)s::timestamptz + make_interval(secs => %(seconds)s),"
        " CASE WHEN %(seconds)s::int IS NOT NULL THEN 5 - %(rejected)s END)",
        {"at": at, "rejected": rejected, "seconds": seconds},
    )


def held(db: Connection, pipeline: str, *, since: str, until: str) -> None:
    """A pipeline that a run holds between two of its steps; times from now."""
    db.execute(
        "INSERT INTO dqm.pipeline_holds (pipeline, run_id, as_of, held_since, held_until)"
        " VALUES (%s, 'x', current_date, now() + %s::interval, now() + %s::interval)",
        [pipeline, since, until],
    )


def published(db: Connection, hours_ago: float) -> None:
    """A run of crypto events that published so many hours ago."""
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_runs (run_id, as_of, window_start, policy, staged_by,"
        " raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows, published_at)"
        " VALUES (gen_random_uuid()::text, current_date, current_date, 'abort',"
        " pg_current_xact_id(), 0, 0, 0, 0, 0, now() - make_interval(mins => %s))",
        [int(60 * hours_ago)],
    )
