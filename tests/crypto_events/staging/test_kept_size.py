"""What is kept beside the raw rows takes no more room than they do."""

from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import publish

ROWS = 50_000
RAW = ["raw.bt_crypto_transaction_history"]
KEPT = [
    "raw.bt_crypto_judged",
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
