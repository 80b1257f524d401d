"""What the tests of crypto events share: raw rows to begin with, and tables to look at."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from flows.crypto_events.contract import CANDIDATE_SUITE, RAW_COLUMNS, RAW_SUITE
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import WindowRun, plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings

AS_OF = date(2025, 3, 10)
"""Last day of the tests' window, which begins on 6 March."""

ARRIVED = datetime(2025, 3, 10, 12, tzinfo=UTC)

GOOD_ROW = {
    "site_id": "ARGENTINA",
    "user_id": "100012",
    "purchase_date": "10/3/2025",
    "crypto_type": "BTC",
    "purchase_price": "20000",
    "purchase_units": "2",
}

Row = Mapping[str, str | None]


def in_zone(settings: Settings, time_zone: str) -> Settings:
    """Return the same settings in another time zone."""
    return Settings.model_validate({**settings.model_dump(), "time_zone": time_zone})


def add_rows(db: Connection, *changes: Row, arrived_at: datetime = ARRIVED) -> list[int]:
    """Store the good row, once with each of the changes; return the raw ids."""
    ids = []
    for number, change in enumerate(changes, 1):
        row = {**GOOD_ROW, **change, "arrived_at": arrived_at, "number": number}
        stored = db.execute(
            "INSERT INTO raw.bt_crypto_transaction_history (site_id, user_id, purchase_date,"
            " crypto_type, purchase_price, purchase_units, source_name, source_row_number,"
            " arrived_at) VALUES (%(site_id)s, %(user_id)s, %(purchase_date)s, %(crypto_type)s,"
            " %(purchase_price)s, %(purchase_units)s, 'test', %(number)s, %(arrived_at)s)"
            " RETURNING raw_id",
            row,
        ).fetchone()
        ids.append(stored["raw_id"])
    return ids


def change_row(db: Connection, raw_id: int, **cells: str | None) -> None:
    """Change cells of a raw row, as a corrected delivery would."""
    for column, cell in cells.items():
        assert column in RAW_COLUMNS
        db.execute(
            f"UPDATE raw.bt_crypto_transaction_history SET {column} = %s WHERE raw_id = %s",
            [cell, raw_id],
        )


def remove_rows(db: Connection, *raw_ids: int) -> None:
    """Make raw rows vanish, as a delivery that replaces their days would."""
    db.execute(
        "DELETE FROM raw.bt_crypto_transaction_history WHERE raw_id = ANY(%s)", [list(raw_ids)]
    )


def stage(settings: Settings, *, tolerated: bool = False, **plan: Any) -> WindowRun:
    """Build the window up to AS_OF and note both suites as passed, without Great Expectations."""
    run = plan_run(settings, plan.pop("as_of", AS_OF), **plan)
    build_events_candidate(settings, run)
    with transaction(settings, "test") as connection:
        for suite in (RAW_SUITE, CANDIDATE_SUITE):
            execute(
                connection,
                "crypto_events/validation/record_verdict.sql",
                {
                    "run_id": run.run_id,
                    "suite": suite,
                    "success": not tolerated,
                    "tolerated": tolerated,
                    "expectations": 1,
                    "failed_expectations": int(tolerated),
                    "results": "[]",
                    "rows_checked": 0,
                    "rows_vouched_for": 0,
                    "vouched_for_by": [],
                },
            )
    return run


def publish(settings: Settings, **plan: Any) -> Any:
    """Stage the window and merge it; return what the merge reports."""
    return merge_to_prod(settings, stage(settings, **plan))


def run_every_step(settings: Settings, run: WindowRun, *, generate: bool = False) -> None:
    """Run the pipeline's steps in their order, Great Expectations included."""
    run_steps(PIPELINE, settings, run, generate=generate)


def reasons(db: Connection) -> dict[int, list[str]]:
    """Return the staged window's rejected rows: raw id and reasons."""
    rows = db.execute(
        "SELECT raw_id, reasons FROM staging.bt_crypto_events_window WHERE reasons IS NOT NULL"
    )
    return {row["raw_id"]: row["reasons"] for row in rows}


def candidates(db: Connection) -> list[int]:
    """Return the raw ids that a merge would publish."""
    rows = db.execute("SELECT raw_id FROM staging.bt_crypto_events_candidate ORDER BY raw_id")
    return [row["raw_id"] for row in rows]


def prod(db: Connection) -> list[dict[str, Any]]:
    """Return everything in prod.bt_crypto_events."""
    return db.execute(
        "SELECT * FROM prod.bt_crypto_events ORDER BY purchase_date, site_id, user_id, crypto_type"
    ).fetchall()


def prod_by_user(db: Connection) -> dict[int, dict[str, Any]]:
    """Return prod.bt_crypto_events by user, for tests whose rows have one user each."""
    return {row["user_id"]: row for row in prod(db)}


def rejects(db: Connection) -> list[tuple[int, str]]:
    """Return raw id and reason of everything in dqm.bt_crypto_events_rejects."""
    rows = db.execute(
        "SELECT raw_id, reason FROM dqm.bt_crypto_events_rejects ORDER BY raw_id, reason"
    )
    return [(row["raw_id"], row["reason"]) for row in rows]


def failed_checks(db: Connection, run: WindowRun, suite: str) -> dict[str, int | None]:
    """Return the checks of a suite that the run failed, with the number of bad rows."""
    row = db.execute(
        "SELECT results FROM dqm.dq_runs WHERE run_id = %s AND suite = %s", [run.run_id, suite]
    ).fetchone()
    return {
        check["id"]: check["unexpected_rows"] for check in row["results"] if not check["success"]
    }


def fingerprint(db: Connection) -> dict[str, Any]:
    """Hash what a run leaves for people, without ids and moments."""
    return db.execute(
        "SELECT"
        " (SELECT count(*) FROM prod.bt_crypto_events) AS published_rows,"
        " (SELECT md5(string_agg(concat_ws('|', purchase_date, site_id, user_id, crypto_type,"
        "   purchase_price, purchase_units, purchase_value, is_active), E'\\n'"
        "   ORDER BY purchase_date, site_id, user_id, crypto_type))"
        "  FROM prod.bt_crypto_events) AS published,"
        " (SELECT count(*) FROM dqm.bt_crypto_events_rejects) AS rejected_rows,"
        " (SELECT md5(string_agg(concat_ws('|', site_id, user_id, purchase_date, crypto_type,"
        "   purchase_price, purchase_units, reason, resolution), E'\\n'"
        "   ORDER BY source_name, source_row_number, reason))"
        "  FROM dqm.bt_crypto_events_rejects) AS rejected"
    ).fetchone()
