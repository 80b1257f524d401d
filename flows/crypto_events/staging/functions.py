"""The functions of the warehouse that read a cell: what they are is part of how rows are judged."""

from psycopg.rows import DictRow

from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one

_FOLDER = "crypto_events/staging/functions"


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


def _found(connection: Connection) -> DictRow:
    return fetch_one(connection, f"{_FOLDER}/definitions.sql")
