"""What lineage says of the Parquet files that steps leave: how many rows, and which content."""

import hashlib
from pathlib import Path

from flows.platform.compute.duckdb import duckdb_connection, fetch_row, parquet_rows
from flows.settings import Settings


def content_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, or of a folder's files by name; None where there is none."""
    files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
    if not files:
        return None
    found = hashlib.sha256()
    for each in files:
        with each.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def rows_of(settings: Settings, folder: Path) -> int:
    """Return how many rows a folder of Parquet files holds."""
    with duckdb_connection(settings) as connection:
        source = parquet_rows(folder)
        (rows,) = fetch_row(connection, "churn/sources/count_rows.sql", source=source)
    return int(rows)
