"""The functions of the warehouse that read a cell: what they are is part of how rows are judged."""

from collections.abc import Iterable

from psycopg.rows import DictRow

from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one

_FOLDER = "crypto_events/staging/functions"
_BLANKS = " \t\u00a0"  # what raw.trimmed takes from a cell


def definitions(connection: Connection) -> str:
    """Return how they are defined now. Raises KpiError when one is missing."""
    found = _found(connection)
    if found["missing"]:
        names = ", ".join(f"raw.{name}" for name in found["missing"])
        raise KpiError(
            f"The warehouse has no function {names}, without which raw rows cannot be judged. "
            "Nothing was published; `kpi run --full` makes it again, and judges every row of the "
            "window anew."
        )
    return str(found["definitions"])


def restore_functions(connection: Connection) -> None:
    """Make those that are missing."""
    for name in _found(connection)["missing"] or ():
        execute(connection, f"{_FOLDER}/{name}.sql")


def without_blanks(values: Iterable[str]) -> list[str]:
    """Return those of the values that raw.trimmed leaves as they are, and not as nothing."""
    return [value for value in values if value and value == value.strip(_BLANKS)]


def _found(connection: Connection) -> DictRow:
    return fetch_one(connection, f"{_FOLDER}/definitions.sql")
