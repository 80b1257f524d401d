"""A CSV file of users and their features, to be scored: checked like the pipeline's sources."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.churn.features.declaration import Feature, Unit
from flows.churn.features.definitions import FEATURE_NAMES, FEATURES, used_features
from flows.churn.sources.checked_file import write_checked
from flows.churn.sources.contract import CellType, Column, SourceFile
from flows.churn.sources.reading.csv_file import open_source
from flows.platform.compute.duckdb import duckdb_connection, parquet_rows
from flows.platform.compute.spill import scratch_folder
from flows.settings import Settings
from flows.settings.churn import ChurnSettings
from flows.sql_files import read_sql
from flows.values import in_full

if TYPE_CHECKING:
    from pandas import DataFrame

USER = "user_id"

_CELLS: dict[Unit, tuple[CellType, int | None, int | None]] = {
    "payments": ("whole number", 0, None),
    "days": ("whole number", 0, None),
    "decimal days": ("number", None, None),
    "money": ("number", None, None),
    "visits": ("whole number", 0, None),
    "users": ("whole number", 0, None),
    "share": ("number", 0, 1),
    "years": ("whole number", 0, 130),
    "yes or no": ("whole number", 0, 1),
}


def column_of(feature: Feature) -> Column:
    """Return what a feature's cells may hold, by its unit; an empty cell means unknown."""
    kind, minimum, maximum = _CELLS[feature.unit]
    return Column(feature.name, feature.name, kind, minimum=minimum, maximum=maximum)


COLUMNS = (
    Column(USER, USER, "whole number", required=True),
    *(column_of(feature) for feature in FEATURES),
)


def columns(churn: ChurnSettings) -> tuple[Column, ...]:
    """Return what a file must hold: a user, and the features that take part."""
    used = (USER, *used_features(churn))
    return tuple(column for column in COLUMNS if column.name in used)


@dataclass(frozen=True)
class UsersFile:
    """The rows of a file in their order, and what was read in another way than it stands there.

    `users`: user_id, and the features as floats (NaN: unknown, or left out and not read).
    """

    users: "DataFrame"
    told: list[str]


def read_users(settings: Settings, path: Path) -> UsersFile:
    """Return the file's users; a row that repeats another one is left out.

    Raises BadInput as the pipeline does for its sources: file, column, rule, first rows, number.
    """
    file = SourceFile(path.stem, columns(settings.churn))
    source = open_source(file, path, settings.churn.date_format)
    with scratch_folder(settings) as folder, duckdb_connection(settings) as connection:
        parquet = folder / "users.parquet"
        checked = write_checked(connection, source, parquet)
        # Not by Arrow, which keeps the memory.
        users = connection.execute(
            read_sql("churn/sources/users_of_file.sql").format(source=parquet_rows(parquet))
        ).df()
    # So that a column without an empty cell, or that is left out, is like the others.
    floats = users.reindex(columns=[column.name for column in COLUMNS]).astype(
        dict.fromkeys(FEATURE_NAMES, "float64")
    )
    return UsersFile(floats, [in_full(sentence) for sentence in checked.sentences])
