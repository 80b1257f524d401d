"""What Python says of cells and keys beforehand is what the warehouse says of them."""

from psycopg import sql

from flows.crypto_events.key import Key
from flows.crypto_events.staging.functions import without_blanks
from flows.platform.warehouse.connection import Connection


def test_values_without_blanks_are_those_that_trimming_leaves(db: Connection) -> None:
    values = ["BTC", "", " ", "BTC ", "\tBTC", "\u00a0BTC", "B TC", "BTC\n", "\u3000BTC", "é"]

    trimmed = db.execute(
        "SELECT cell FROM unnest(%s::text[]) WITH ORDINALITY AS cells (cell, place)"
        " WHERE cell = nullif(raw.trimmed(cell), '') ORDER BY place",
        [values],
    ).fetchall()

    assert without_blanks(values) == [row["cell"] for row in trimmed]


def test_equal_keys_have_one_hash_and_others_have_others(db: Connection) -> None:
    rows = (
        "(1, '2025-03-08'::date, 7::bigint, 'MEXICO', 'BTC', 1.50, 2.0)",
        "(2, '2025-03-08'::date, 7::bigint, 'MEXICO', 'BTC', 1.5, 2)",
        "(3, '2025-03-08'::date, 7::bigint, 'BTC', 'MEXICO', 1.5, 2)",
        "(4, '2025-03-07'::date, 8::bigint, 'MEXICO', 'BTC', 1.5, 2)",
        "(5, '2025-03-08'::date, 7::bigint, 'MEXICO', 'BTC', 2, 1.5)",
        "(6, '2025-03-08'::date, 7::bigint, NULL, 'BTC', 1.5, 2)",
    )
    names = ("purchase_date", "user_id", "site_id", "crypto_type", "purchase_price")
    query = sql.SQL(
        "SELECT array_agg(number ORDER BY number) AS numbers FROM (VALUES {}) AS rows"
        " (number, purchase_date, user_id, site_id, crypto_type, purchase_price, purchase_units)"
        " GROUP BY {} ORDER BY 1"
    ).format(sql.SQL(", ".join(rows)), Key((*names, "purchase_units")).hash)

    groups = [row["numbers"] for row in db.execute(query)]

    assert groups == [[1, 2], [3], [4], [5], [6]]
