"""Candidates that share a key: one is kept, and the contract says what becomes of the others."""

from typing import LiteralString

from psycopg import sql

from flows.crypto_events.contract import DUPLICATE
from flows.crypto_events.key import Key, all_of, columns
from flows.platform.warehouse.connection import Connection, execute

_FOUND_BY: dict[str, LiteralString] = {
    "refuse": "crypto_events/staging/find_duplicates.sql",
    "newest": "crypto_events/staging/shared_keys/newest.sql",
    "sum": "crypto_events/staging/shared_keys/sum.sql",
}


def find_duplicates(connection: Connection, key: Key) -> None:
    """Fill the temporary table `duplicates`: each row of a key but the newest, and what it is."""
    said_last: LiteralString = "candidate.{0} = first_value(candidate.{0}) OVER same_row"
    newest: LiteralString = "candidate.{0} = first_value(candidate.{0}) OVER newest_first"
    execute(
        connection,
        _FOUND_BY[key.shared],
        None,
        key=columns(key.ordered),
        hash=key.hash,
        key_of_candidate=columns(key.ordered, "candidate"),
        equals_newest=all_of(newest, key.fixed if key.shared == "sum" else key.values),
        as_said_last=all_of(said_last, key.values),
    )


def set_duplicates_aside(connection: Connection, key: Key, *, conflicts: bool) -> int:
    """Take the rows of `duplicates` out of the candidate, and conflicts if told; return how many.

    What is kept of a key is the newest row, with the units of all where they are added up.
    """
    usual = key.shared == "refuse"
    aside = execute(
        connection,
        "crypto_events/staging/set_duplicates_aside.sql"
        if usual
        else "crypto_events/staging/shared_keys/set_aside.sql",
        {"conflicts": conflicts},
        reason=sql.Literal(DUPLICATE),
    )
    if key.shared == "sum" and aside.rowcount:
        execute(connection, "crypto_events/staging/shared_keys/add_up.sql")
    return aside.rowcount
