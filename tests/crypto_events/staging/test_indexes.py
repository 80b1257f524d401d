"""A table that is filled at once has the indexes that it had, whoever made them."""

from typing import Any

from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import add_rows, stage

JUDGED = "raw.bt_crypto_judged"


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
