"""One source file: checked against the contract, and written as Parquet."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from flows.churn.sources.reading.census import Census, take_census
from flows.churn.sources.reading.csv_file import OpenSource, broken
from flows.churn.sources.reading.problems import read_with
from flows.churn.sources.rules.whole_file import check_whole_file
from flows.errors import BadInput
from flows.platform.compute.duckdb import fetch_row, file_name, parquet_rows, write_parquet
from flows.platform.storage.atomic_files import replacing
from flows.sql_files import read_sql
from flows.values import value, without_values

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CheckedFile:
    """Rows that were written, rows that only repeated one of them, and what the cells said.

    `warnings` are of rules about the file as a whole.
    """

    rows: int
    repeated_rows: int
    census: Census
    warnings: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """What was read in another way than it stands in the file, and what is a warning."""
        if not self.repeated_rows:
            return [*self.census.sentences, *self.warnings]
        rows = "1 row repeats" if self.repeated_rows == 1 else f"{self.repeated_rows:,} rows repeat"
        return [*self.census.sentences, *self.warnings, f"{rows} another one: left out."]


def write_checked(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, parquet: Path
) -> CheckedFile:
    """Write the file as Parquet, in the order of its rows; a file about users, a row for each.

    Raises BadInput, naming file, column, rule, the first bad rows and their number.
    """
    census = read_with(connection, source, lambda source: take_census(connection, source))
    source = replace(source, with_decimals=census.with_decimals)
    with replacing(parquet) as temporary:
        read_with(connection, source, lambda source: _write(connection, source, temporary))
        rows, users = fetch_row(
            connection, "churn/sources/count_users.sql", source=parquet_rows(temporary)
        )
        if not rows:
            raise BadInput(f"{source.path.name} has a header and no rows.")
        warnings = check_whole_file(connection, source, temporary, rows)
        repeated = rows - users if source.file.describes_users else 0
        if repeated:
            _check_that_repeated_rows_agree(connection, source, temporary)
            query = read_sql("churn/sources/one_row_per_user.sql")
            with replacing(temporary) as collapsed:
                write_parquet(connection, query.format(file=file_name(temporary)), collapsed)
    checked = CheckedFile(rows - repeated, repeated, census, tuple(warnings))
    for sentence in checked.sentences:
        logger.warning("%s: %s", source.path.name, without_values(sentence))
    return checked


def count_left_out(connection: "duckdb.DuckDBPyConnection", source: OpenSource) -> int:
    """Count and tell the rows of a file that its producer's file leaves out; 0 for other files."""
    if source.left_out is None:
        return 0

    def count(source: OpenSource) -> int:
        left_out = f"({source.left_out})"
        (rows,) = fetch_row(connection, "churn/sources/count_rows.sql", source=left_out)
        return int(rows)

    rows = read_with(connection, source, count)
    logger.info("%s: left out as its producer's file says: %s.", source.path.name, f"{rows:,}")
    return rows


def _write(connection: "duckdb.DuckDBPyConnection", source: OpenSource, parquet: Path) -> None:
    rules = " OR ".join(f"({broken(column, rule)})" for column, rule in source.rules)
    statement = read_sql("churn/sources/checked_source.sql").format(
        values=", ".join(column.becomes for column in source.file.columns),
        source=source.statement,
        broken=f"has_fewer_fields OR has_more_fields OR {rules}",
    )
    write_parquet(connection, statement, parquet)


def _check_that_repeated_rows_agree(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, parquet: Path
) -> None:
    columns = [column.becomes for column in source.file.columns]
    users, rows, first_users = fetch_row(
        connection,
        "churn/sources/repeated_users.sql",
        file=file_name(parquet),
        said=f"row({', '.join(columns)})",
    )
    if users:
        listed = ", ".join(
            f"{place}{value(f': user {user}')}"
            for place, user in zip(_places(connection, source, rows), first_users, strict=True)
        )
        have = "1 user has" if users == 1 else f"{users:,} users have"
        raise BadInput(
            f"{source.path.name}: {_columns_that_differ(connection, source, parquet)}: {have} rows "
            f"that say different things ({listed}); all rows of a user must say the same."
            f"{source.how_rows_count}"
        )


def _columns_that_differ(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, parquet: Path
) -> str:
    names = {column.becomes: column.name for column in source.file.columns}
    found = fetch_row(
        connection,
        "churn/sources/columns_that_differ.sql",
        file=file_name(parquet),
        # Of a list, NULL counts as well.
        said=", ".join(f"count(DISTINCT [{name}]) AS {name}" for name in names),
        differ=", ".join(f"max({name}) > 1" for name in names),
    )
    differ = [name for name, does in zip(names.values(), found, strict=True) if does]
    return f"column{'' if len(differ) == 1 else 's'} {', '.join(differ)}"


def _places(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, kept: list[int]
) -> list[str]:
    """Return how to name rows of the Parquet file, which lacks those that are left out."""
    if source.left_out is None:
        return source.places(kept)
    (rows,) = fetch_row(
        connection,
        "churn/sources/kept_rows.sql",
        source=source.numbered,
        kept=", ".join(map(str, kept)),
    )
    return source.places(rows)
