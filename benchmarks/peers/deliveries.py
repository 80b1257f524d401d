"""A delivery as each peer stores it: `kpi ingest`, psql's COPY into the same table, dlt."""

from pathlib import Path

from psycopg import sql

from benchmarks.peers.tools import Place, kpi, tool
from flows.crypto_events.calendar import ensure_calendar
from flows.local.postgres.server import wheel_binaries
from flows.platform.warehouse.connection import connect, transaction
from flows.sql_files import read_sql

DLT = "dlt"
SCENARIO = "a delivery"
INGEST, COPY = "kpi ingest", "psql COPY"
_SCRIPT = Path(__file__).with_name("dlt_load.py")
_RAW = "raw.bt_crypto_transaction_history"


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
                connection.execute(f"TRUNCATE {_RAW}")
            place.run(f"{name}/{SCENARIO}/process", command)
        if with_dlt:
            python = tool(DLT, "python")
            for disposition in ("append", "merge"):
                place.run(
                    f"dlt {disposition}/{SCENARIO}/process",
                    [python, str(_SCRIPT), str(plain), disposition],
                )
    return rows


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
