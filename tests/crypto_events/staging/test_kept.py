"""What is kept beside the raw rows takes no more room than they do, and keeps its indexes."""

from typing import Any

from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import add_rows, publish, stage

JUDGED = "raw.bt_crypto_judged"
ROWS = 50_000
RAW = ["raw.bt_crypto_transaction_history"]
KEPT = [
    JUDGED,
    "raw.bt_crypto_judged_days",
    "raw.bt_crypto_arrivals",
    "raw.bt_crypto_departures",
    "raw.bt_crypto_touched",
]


def size(db: Connection, tables: list[str]) -> int:
    """Bytes of the tables, with their indexes."""
    row = db.execute(
        "SELECT sum(pg_total_relation_size(name::regclass)) AS bytes"
        " FROM unnest(%s::text[]) AS name",
        [tables],
    ).fetchone()
    return int(row["bytes"])


def test_it_is_at_most_as_large_as_the_raw_rows(quick: Settings, db: Connection) -> None:
    db.execute(
        "INSERT INTO raw.bt_crypto_transaction_history (site_id, user_id, purchase_date,"
        " crypto_type, purchase_price, purchase_units, source_name, source_row_number, arrived_at)"
        " SELECT 'BRASIL', (n::bigint * 15485863 %% 999999937)::text, n %% 5 + 6 || '/3/2025',"
        " 'BTC', (60000 + n / 100.0)::numeric(20, 4)::text, (n / 1e6)::numeric(20, 8)::text,"
        " 'delivery.csv', n, '2025-03-10 12:00 UTC' FROM generate_series(1, %s) AS n",
        [ROWS],
    )
    assert publish(quick).inserted == ROWS
    assert size(db, KEPT) <= size(db, RAW)


def indexes(db: Connection) -> list[dict[str, Any]]:
    """What each index is, and the constraint that it keeps."""
    return db.execute(
        "SELECT pg_get_indexdef(indexrelid) AS text, conname, indisvalid,"
        "   indexrelid::int8 AS made"
        " FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid"
        " WHERE indrelid = %s::regclass ORDER BY text",
        [JUDGED],
    ).fetchall()


def told(found: list[dict[str, Any]]) -> list[tuple[str, str | None, bool]]:
    return [(index["text"], index["conname"], index["indisvalid"]) for index in found]


def test_all_are_built_anew_when_all_is_judged_anew(quick: Settings, db: Connection) -> None:
    db.execute(f'CREATE INDEX "Of somebody" ON {JUDGED} (lower(site_id)) WHERE user_id > 7')
    before = indexes(db)
    add_rows(db, {}, {"user_id": "x"})
    stage(quick)
    first = indexes(db)
    assert told(first) == told(before)
    assert len(first) == 5
    assert not {index["made"] for index in before} & {index["made"] for index in first}
    stage(quick, full=True)
    assert told(indexes(db)) == told(before)


def test_none_is_touched_when_a_few_rows_are_judged(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    stage(quick)
    before = indexes(db)
    add_rows(db, {"user_id": "7"}, {"purchase_date": "1/3/2025"})
    stage(quick, window_days=10)
    assert indexes(db) == before
