"""Paths of the repository's files that are read at run time."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SQL = REPOSITORY / "sql"
MIGRATIONS = SQL / "migrations"
CONTRACTS = REPOSITORY / "contracts"
