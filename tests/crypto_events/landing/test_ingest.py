"""Storing a delivery: every row exactly as it arrived, or none; nothing is ever lost."""

import csv
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.rows import DictRow

from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.landing.ingest import Ingested, Mode, ingest
from flows.errors import BadInput, PipelineBusy
from flows.paths import SQL
from flows.platform.warehouse.connection import Connection, transaction
from flows.settings import Settings

Row = tuple[str, ...]

HISTORY = "bt_crypto_transaction_history"
ARCHIVE = f"{HISTORY}_replaced"


@pytest.fixture
def settings(quick: Settings) -> Settings:
    """Fewer years than by default: their calendar is filled in each fresh database."""
    return quick


def row(purchase_date: str, user_id: str = "1") -> Row:
    return ("MEXICO", user_id, purchase_date, "BTC", "2", "3")


def write(folder: Path, name: str, rows: Iterable[Row]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([RAW_COLUMNS, *rows])
    return path


def rows_of(db: Connection, table: str) -> list[DictRow]:
    statement = sql.SQL("TABLE {} ORDER BY 1").format(sql.Identifier("raw", table))
    return db.execute(statement).fetchall()


def stored(db: Connection, source_name: str, table: str = HISTORY) -> list[Row]:
    found = [one for one in rows_of(db, table) if one["source_name"] == source_name]
    return [tuple(one[column] for column in RAW_COLUMNS) for one in found]


def archived(db: Connection, source_name: str) -> list[Row]:
    return stored(db, source_name, ARCHIVE)


def everything(db: Connection) -> list[list[DictRow]]:
    return [rows_of(db, table) for table in (HISTORY, ARCHIVE, "deliveries")]


def test_a_delivery_is_stored_with_its_origin(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    rows = [row("18/11/2026"), row(" 20/11/2026\t"), row("18/11/2026"), row("soon")]
    told: list[int] = []
    file = write(tmp_path, "delivery.csv", rows)
    assert ingest(settings, file, "append", told.append) == Ingested(
        "delivery.csv", 4, 4, 0, (date(2026, 11, 18), date(2026, 11, 20))
    )
    assert stored(db, "delivery.csv") == rows
    assert told[-1] == file.stat().st_size
    numbers = db.execute(
        "SELECT source_row_number FROM raw.bt_crypto_transaction_history"
        " WHERE source_name = 'delivery.csv' AND arrived_at <= now() ORDER BY raw_id"
    )
    assert [one["source_row_number"] for one in numbers] == [1, 2, 3, 4]
    logged = db.execute(
        "SELECT source_name, mode, rows_loaded, rows_replaced FROM raw.deliveries"
    ).fetchall()
    assert logged == [
        {"source_name": "delivery.csv", "mode": "append", "rows_loaded": 4, "rows_replaced": 0}
    ]


def test_append_adds_to_what_is_there(settings: Settings, db: Connection, tmp_path: Path) -> None:
    file = write(tmp_path, "delivery.csv", [row("18/11/2026")])
    assert ingest(settings, file, "append").rows_replaced == 0
    assert ingest(settings, file, "append").rows_replaced == 0
    assert stored(db, "delivery.csv") == [row("18/11/2026")] * 2


@pytest.mark.parametrize("cell", ["MEXICO", '"quoted, too"'])
def test_a_file_may_be_called_anything(
    settings: Settings, db: Connection, tmp_path: Path, cell: str
) -> None:
    name = "a\tb\\n\n100 %.csv"
    file = tmp_path / name
    file.write_text(",".join(RAW_COLUMNS) + f"\n{cell},1,18/11/2026,BTC,2,3\n")
    ingest(settings, file, "append")
    assert len(stored(db, name)) == 1


def test_the_columns_go_where_the_header_says(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "delivery.csv"
    file.write_text(",".join(reversed(RAW_COLUMNS)) + "\n3,2,BTC,18/11/2026,1,MEXICO\n")
    ingest(settings, file, "append")
    assert stored(db, "delivery.csv") == [row("18/11/2026")]


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(rows=st.lists(st.tuples(*[CELL] * len(RAW_COLUMNS)), max_size=20))
@example(rows=[("\\.", "\\N", "\n\\.\n", "\\.\n", 'a"b,c\r\nd\t', "")])
@example(rows=[("\\.", "", "", "", "", ""), ("", "", "", "", "", "\n\\."), (" ",) * 6])
def test_any_text_is_stored_as_it_is(
    settings: Settings, db: Connection, tmp_path: Path, rows: list[Row]
) -> None:
    db.execute("DELETE FROM raw.bt_crypto_transaction_history")
    ingested = ingest(settings, write(tmp_path, "delivery.csv", rows), "append")
    assert ingested.rows_read == ingested.rows_stored == len(rows)
    assert stored(db, "delivery.csv") == rows


@pytest.mark.parametrize(
    "last_line",
    [
        "MEXICO,1",
        "",
        '"a"b,1,,,,',
        '"never closed,1,,,,',
        "a\0b,1,,,,",
        "x" * 200_000 + ",1,,,,",
    ],
)
@pytest.mark.parametrize("mode", ["append", "replace-days"])
def test_nothing_changes_when_a_late_row_is_none(
    settings: Settings, db: Connection, tmp_path: Path, mode: Mode, last_line: str
) -> None:
    good = [row("18/11/2026", str(number)) for number in range(30_000)]
    ingest(settings, write(tmp_path, "delivery.csv", good[:3]), "append")
    before = everything(db)
    file = write(tmp_path, "delivery.csv", good)
    with file.open("a") as target:
        target.write(f"{last_line}\n")
    with pytest.raises(BadInput, match=r"^delivery\.csv, line 30002: "):
        ingest(settings, file, mode)
    assert everything(db) == before


def test_a_file_in_another_encoding_stores_nothing(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    before = everything(db)
    file = write(tmp_path, "delivery.csv", [row("18/11/2026"), row("año")])
    file.write_bytes(file.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(BadInput, match=r"^delivery\.csv, line 3: the byte 0xF1 is not UTF-8"):
        ingest(settings, file, "append")
    assert everything(db) == before


def test_replace_days_archives_the_delivered_days_of_every_source(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    kept = [row("17/11/2026"), row("19/11/2026"), row("later")]
    gone = [row("18/11/2026"), row(" 18/11/2026\u00a0"), row("5/1/2026"), row("05/01/2026")]
    ingest(settings, write(tmp_path, "older.csv", [*kept, *gone]), "append")
    new = [row("18/11/2026", "7"), row("5/01/2026", "8")]
    assert ingest(settings, write(tmp_path, "newer.csv", new), "replace-days") == Ingested(
        "newer.csv", 2, 2, 4, (date(2026, 1, 5), date(2026, 11, 18))
    )
    assert stored(db, "older.csv") == kept
    assert stored(db, "newer.csv") == new
    assert archived(db, "older.csv") == gone
    replaced = db.execute(
        "SELECT DISTINCT replaced_by FROM raw.bt_crypto_transaction_history_replaced"
    )
    assert [one["replaced_by"] for one in replaced] == ["newer.csv"]
    logged = db.execute("SELECT rows_replaced FROM raw.deliveries ORDER BY delivery_id")
    assert [one["rows_replaced"] for one in logged] == [0, 4]


def test_replace_days_archives_undated_rows_of_the_same_source_only(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    undated = [row("31/2/2026"), row(""), row("\\."), row("x" * 5_000), row("18/11/2026" + "x")]
    ingest(settings, write(tmp_path, "delivery.csv", [row("1/1/2026"), *undated]), "append")
    ingest(settings, write(tmp_path, "other.csv", undated), "append")
    new = [row("18/11/2026"), row("31/2/2026")]
    ingested = ingest(settings, write(tmp_path, "delivery.csv", new), "replace-days")
    assert ingested.rows_replaced == len(undated)
    assert stored(db, "delivery.csv") == [row("1/1/2026"), *new]
    assert stored(db, "other.csv") == undated
    assert archived(db, "delivery.csv") == undated


def test_the_same_delivery_again_replaces_itself(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    rows = [row("18/11/2026"), row("19/11/2026"), row("never")]
    file = write(tmp_path, "delivery.csv", rows)
    assert ingest(settings, file, "replace-days").rows_replaced == 0
    assert ingest(settings, file, "replace-days").rows_replaced == 3
    assert stored(db, "delivery.csv") == rows
    assert archived(db, "delivery.csv") == rows


def test_replace_days_closes_the_open_rejects_of_replaced_rows(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    ingest(settings, write(tmp_path, "a.csv", [row("18/11/2026"), row("17/11/2026")]), "append")
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_rejects (run_id, raw_id, reason, as_of, purchase_date,"
        " source_name, source_row_number, arrived_at, resolved_at, resolution)"
        " SELECT run_id, raw_id, 'rule', date '2026-11-18', purchase_date, source_name,"
        "   source_row_number, arrived_at, CASE WHEN run_id = 'closed' THEN now() END,"
        "   CASE WHEN run_id = 'closed' THEN 'by hand' END"
        " FROM raw.bt_crypto_transaction_history, (VALUES ('open'), ('closed')) AS runs (run_id)"
        " WHERE source_name = 'a.csv'"
    )
    ingest(settings, write(tmp_path, "b.csv", [row("18/11/2026")]), "replace-days")
    rejects = db.execute(
        "SELECT purchase_date, run_id, resolution, resolved_at IS NULL AS open"
        " FROM dqm.bt_crypto_events_rejects ORDER BY purchase_date, run_id"
    ).fetchall()
    assert [tuple(reject.values()) for reject in rejects] == [
        ("17/11/2026", "closed", "by hand", False),
        ("17/11/2026", "open", None, True),
        ("18/11/2026", "closed", "by hand", False),
        ("18/11/2026", "open", "replaced by b.csv", False),
    ]


def test_several_deliveries_of_one_day_at_once_leave_exactly_one(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    files = [
        write(tmp_path, f"{number}.csv", [row("18/11/2026", str(number))] * 2_000)
        for number in range(4)
    ]
    with ThreadPoolExecutor(len(files)) as pool:
        list(pool.map(lambda file: ingest(settings, file, "replace-days"), files))
    left = sorted(len(stored(db, file.name)) for file in files)
    moved = sorted(len(archived(db, file.name)) for file in files)
    assert left == [0, 0, 0, 2_000]
    assert moved == [0, 2_000, 2_000, 2_000]


def test_a_delivery_that_waits_too_long_says_so_and_stores_nothing(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    impatient = settings.model_copy(update={"lock_timeout_seconds": 1})
    file = write(tmp_path, "delivery.csv", [row("18/11/2026")])
    ingest(settings, file, "append")
    before = everything(db)
    with transaction(settings, "another delivery") as other:
        other.execute('LOCK TABLE locks."crypto_events deliveries" IN SHARE ROW EXCLUSIVE MODE')
        with pytest.raises(PipelineBusy, match=r"nothing of delivery\.csv was stored"):
            ingest(impatient, file, "replace-days")
    assert everything(db) == before


def test_a_day_is_found_without_reading_the_history(
    make_settings: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    settings = make_settings(first_year=1990, last_year=2026)
    days = (date(1990, 1, 1) + timedelta(days=n) for n in range(10_000))
    history = [row(f"{day.day}/{day.month}/{day.year}") for day in days]
    ingest(settings, write(tmp_path, "history.csv", history * 4), "append")
    db.execute("ANALYZE raw.bt_crypto_transaction_history")
    for name in ("delivered_days", "replace_days"):
        statement = (SQL / f"crypto_events/landing/{name}.sql").read_text()
        plan = db.execute(
            sql.SQL("EXPLAIN " + statement).format(delivered_dates=sql.Literal(["5/6/2007"])),
            {"source_name": "history.csv"},
        )
        lines = [line["QUERY PLAN"] for line in plan]
        assert [line for line in lines if "Index Scan" in line]
        assert not [line for line in lines if "Seq Scan on bt_crypto_transaction_history" in line]
