"""Rows that runs of churn leave, and when: what the checks and metrics are counted from."""

from flows.platform.warehouse.connection import Connection


def decided(db: Connection, action: str, at: str) -> None:
    """A line of the promotion ledger."""
    db.execute(
        "INSERT INTO dqm.bt_churn_promotions (action, version, decided_by, reasons, decided_at)"
        " VALUES (%s, '1', 'me', ARRAY['asked'], %s)",
        [action, at],
    )


def compared(db: Connection, day: str, *, share: float = 0, drifted: bool = False) -> None:
    """A comparison of a day's users, logged at seven of that day."""
    db.execute(
        "INSERT INTO dqm.bt_churn_drift_runs (run_id, snapshot_day, columns, drifted_columns,"
        " drifted_share, drifted_week, reference_snapshots, left_out, simulated, report, logged_at)"
        " VALUES (%s, %s, 10, 0, %s, %s, '{}', '{}', false, 'a page', %s)",
        [f"drift of {day}", day, share, drifted, f"{day} 07:00+00"],
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
