"""A delivery as each peer stores it: `kpi ingest`, psql's COPY into the same table, dlt."""

from pathlib import Path

from psycopg import sql

from benchmarks.crypto_events.data import AS_OF
from benchmarks.peers.tools import Place, kpi, tool
from flows.crypto_events.calendar import ensure_calendar
from flows.crypto_events.run import plan_run
from flows.crypto_events.stage_lock import lock_stage
from flows.crypto_events.staging.judge import judge_window
from flows.errors import KpiError
from flows.local.postgres.server import wheel_binaries
from flows.platform.warehouse.connection import connect, fetch_one, transaction
from flows.sql_files import read_sql

DLT = "dlt"
SCENARIO = "a delivery"
INGEST, JUDGING, COPY = "kpi ingest", "judging it", "psql COPY"
_SCRIPT = Path(__file__).with_name("dlt_load.py")
_RAW = "raw.bt_crypto_transaction_history"
_JUDGED = "raw.bt_crypto_judged, raw.bt_crypto_judged_days"


def measure_deliveries(place: Place, *, with_dlt: bool, repetitions: int) -> int:
    """Measure everybody with the raw rows as a file, which are deleted; return their number."""
    place.folder.mkdir(parents=True, exist_ok=True)
    plain, whole = place.folder / "delivery.csv", place.folder / "with_origin.csv"
    rows = _write(place, plain, "")
    _write(place, whole, ", 'delivery.csv' AS source_name, raw_id AS source_row_number")
    with whole.open(encoding="utf-8") as file:
        columns = file.readline().strip()
    with transaction(place.settings, "calendar") as connection:
        ensure_calendar(connection, place.settings)  # once for a contract, not for a delivery
    psql = [str(wheel_binaries() / "psql"), "-X", "-v", "ON_ERROR_STOP=1", "-c"]
    copy = rf"\copy {_RAW} ({columns}) FROM '{whole}' (FORMAT csv, HEADER)"
    for _ in range(repetitions):
        for name, command in (
            (INGEST, kpi("ingest", str(plain))),
            (COPY, [*psql, copy]),
        ):
            with connect(place.settings, "benchmark", autocommit=True) as connection:
                connection.execute(f"TRUNCATE {_RAW}, {_JUDGED}")
            place.run(f"{name}/{SCENARIO}/process", command)
            if name == INGEST:
                _judge(place)
        if with_dlt:
            python = tool(DLT, "python")
            for disposition in ("append", "merge"):
                place.run(
                    f"dlt {disposition}/{SCENARIO}/process",
                    [python, str(_SCRIPT), str(plain), disposition],
                )
    return rows


def _judge(place: Place) -> None:
    """Measure what the first run that needs the delivery does with each of its rows.

    Raises KpiError when a row was left out.
    """
    run = plan_run(place.settings, AS_OF)
    with (
        place.meter.measure(f"{JUDGING}/{SCENARIO}/judge_window"),
        transaction(place.settings, "judge") as connection,
    ):
        lock_stage(connection)
        judge_window(connection, place.settings, run)
    with connect(place.settings, "benchmark", autocommit=True) as connection:
        window = {"window_start": run.window_start, "as_of": run.as_of}
        left = fetch_one(connection, "benchmarks/peers/not_judged.sql", window)["rows"]
    if left:
        raise KpiError(f"{left} rows of the delivery were not judged.")


def _write(place: Place, file: Path, origin: str) -> int:
    statement = sql.SQL(read_sql("benchmarks/peers/copy_to_file.sql"))
    with (
        connect(place.settings, "benchmark", autocommit=True) as connection,
        connection.cursor() as cursor,
        file.open("wb") as target,
    ):
        with cursor.copy(statement.format(origin=sql.SQL(origin))) as copy:
            target.writelines(bytes(block) for block in copy)
        return cursor.rowcount
