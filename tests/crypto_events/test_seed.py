"""The migration seeds exactly the rows of data/crypto_history_seed.csv."""

import csv

from flows.crypto_events.contract import RAW_COLUMNS
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import Connection


def test_the_seeded_history_is_the_file(db: Connection) -> None:
    with (REPOSITORY / "data" / "crypto_history_seed.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    seeded = db.execute(
        "SELECT * FROM raw.bt_crypto_transaction_history ORDER BY source_row_number"
    ).fetchall()

    assert len(rows) == 12
    assert [{column: row[column] for column in RAW_COLUMNS} for row in seeded] == rows
    assert {row["source_name"] for row in seeded} == {"crypto_history_seed.csv"}
