"""Whether two runs left the same: tables for people, byte by byte."""

from typing import Any

import psycopg
from psycopg import sql

# Who ran, when, where files lie, and the last bits of a fit: all that may differ.
_OF_THE_RUN = ("run_id", "staged_by", "reject_id", "decided_by", "report", "model_sha256")
_COLUMNS = """
SELECT format('%%I.%%I', namespace.nspname, class.relname) AS name,
    array_agg(quote_ident(attribute.attname) ORDER BY attribute.attnum) AS columns
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
WHERE namespace.nspname IN ('prod', 'dqm') AND class.relkind IN ('r', 'p')
    AND NOT class.relispartition
    AND attribute.attnum > 0 AND NOT attribute.attisdropped
    AND attribute.attname <> ALL (%s)
    AND (attribute.atttypid <> 'timestamptz'::regtype OR attribute.attname = 'arrived_at')
GROUP BY 1
ORDER BY 1
"""


def tables(url: str) -> dict[str, bytes]:
    """Return the rows of every table in prod and dqm, without ids of runs and moments."""
    with psycopg.connect(url) as connection:
        found = connection.execute(_COLUMNS, [list(_OF_THE_RUN)]).fetchall()
        return {name: _rows(connection, name, columns) for name, columns in found}


def _rows(connection: "psycopg.Connection[Any]", table: str, columns: list[str]) -> bytes:
    listed = ", ".join(columns)
    order = ", ".join(f"{column}::text" for column in columns)
    statement = sql.SQL(f"COPY (SELECT {listed} FROM {table} ORDER BY {order}) TO STDOUT")
    with connection.cursor().copy(statement) as copy:
        return b"".join(bytes(piece) for piece in copy)
