"""Read the statements in the folder sql/."""

from functools import cache
from typing import LiteralString

from flows.paths import SQL


@cache
def read_sql(name: str) -> LiteralString:
    """Return the text of `sql/<name>`."""
    return (SQL / name).read_text(encoding="utf-8")
