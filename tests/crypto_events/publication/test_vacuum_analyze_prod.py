"""What changed is vacuumed without reading the index; statistics are renewed when they are old."""

from psycopg.rows import DictRow

from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.publication.vacuum_analyze_prod import vacuum_analyze_prod
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import add_rows, change_row, stage

MANY = [{"user_id": str(number)} for number in range(1, 201)]


def done(db: Connection) -> DictRow:
    (row,) = db.execute(
        "SELECT vacuum_count, analyze_count, n_tup_hot_upd FROM pg_stat_user_tables"
        " WHERE schemaname = 'prod' AND relname = 'bt_crypto_events_2025_03'"
    )
    return row


def publish_and_vacuum(settings: Settings) -> None:
    run = stage(settings)
    merge_to_prod(settings, run)
    vacuum_analyze_prod(settings, run)


def test_few_changes_need_no_new_statistics(quick: Settings, db: Connection) -> None:
    first, *others = add_rows(db, *MANY)
    publish_and_vacuum(quick)
    assert done(db) == {"vacuum_count": 1, "analyze_count": 1, "n_tup_hot_upd": 0}
    publish_and_vacuum(quick)  # nothing changed
    change_row(db, first, purchase_price="7")
    publish_and_vacuum(quick)
    assert done(db) == {"vacuum_count": 2, "analyze_count": 1, "n_tup_hot_upd": 1}
    for row in others[:9]:
        change_row(db, row, purchase_price="7")
    publish_and_vacuum(quick)
    assert done(db)["analyze_count"] == 1
    for row in others[:11]:
        change_row(db, row, purchase_price="8")
    publish_and_vacuum(quick)
    assert done(db)["analyze_count"] == 2


def test_a_few_new_rows_need_new_statistics(quick: Settings, db: Connection) -> None:
    add_rows(db, *MANY)
    publish_and_vacuum(quick)
    add_rows(db, *({"user_id": str(number)} for number in range(1001, 1005)))
    publish_and_vacuum(quick)
    assert done(db)["analyze_count"] == 1
    add_rows(db, *({"user_id": str(number)} for number in range(2001, 2007)))
    publish_and_vacuum(quick)
    assert done(db)["analyze_count"] == 2
