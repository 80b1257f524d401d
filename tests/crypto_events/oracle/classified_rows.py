"""Store rows of the contract's oracle, and read back where the staged window put them."""

from flows.platform.warehouse.connection import Connection
from tests.crypto_events.oracle.contract_oracle import RawRow, Sorted


def store(db: Connection, rows: list[RawRow]) -> list[int]:
    """Replace everything by the rows; return their raw ids."""
    db.execute(
        "TRUNCATE raw.bt_crypto_transaction_history, prod.bt_crypto_events,"
        " dqm.bt_crypto_events_dismissals, dqm.bt_crypto_events_runs"
    )
    with db.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO raw.bt_crypto_transaction_history (site_id, user_id, purchase_date,"
            " crypto_type, purchase_price, purchase_units, arrived_at, source_name,"
            " source_row_number) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    *row.cells,
                    row.arrived_at,
                    row.source,
                    1000 + number if row.row_number is None else row.row_number,
                )
                for number, row in enumerate(rows)
            ],
        )
        cursor.executemany(
            "INSERT INTO dqm.bt_crypto_events_dismissals (site_id, user_id, purchase_date,"
            " crypto_type, purchase_price, purchase_units, content_md5, dismissed_by, why)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 'test', 'known')",
            [(*cells, str(n)) for n, cells in enumerate({r.cells for r in rows if r.dismissed})],
        )
    stored = db.execute("SELECT raw_id FROM raw.bt_crypto_transaction_history ORDER BY raw_id")
    return [row["raw_id"] for row in stored]


def staged_ids(db: Connection) -> list[int]:
    """Return the raw ids of the staged window."""
    rows = db.execute("SELECT raw_id FROM staging.bt_crypto_events_window")
    return [row["raw_id"] for row in rows]


def staged(db: Connection, ids: list[int]) -> Sorted:
    """Return where the staged window put the rows, by their position."""
    found = Sorted()
    for row in db.execute("SELECT * FROM staging.bt_crypto_events_window"):
        number = ids.index(row["raw_id"])
        if row["dismissed"]:
            found.dismissed.add(number)
        elif row["reasons"] is not None:
            assert row["reasons"], "rejected without a reason"
            found.rejected[number] = set(row["reasons"])
        elif row["superseded_by"] is not None:
            found.superseded[number] = ids.index(row["superseded_by"])
            found.superseded_as[number] = row["superseded_as"] or "repetition"
    for row in db.execute("SELECT * FROM staging.bt_crypto_events_candidate"):
        found.published[ids.index(row["raw_id"])] = (
            (row["site_id"], row["user_id"], row["purchase_date"], row["crypto_type"]),
            row["purchase_price"],
            row["purchase_units"],
            row["purchase_value"],
        )
    return found
