"""Columns of the five files: as delivered, as checked, and what features are made of."""

from typing import TYPE_CHECKING

from flows.churn.origins import origins
from flows.churn.pipeline import CLEAN, DELIVERED
from flows.churn.sources.contract import SOURCE_FILES, SourceFile
from flows.platform.pipeline.declaration import Dataset
from flows.platform.pipeline.lineage.facts import Facts

if TYPE_CHECKING:
    from flows.churn.sources.clean_raw_sources import CleanSources

Columns = dict[str, tuple[tuple[Dataset, str], ...]]

NAMES = {dataset: name for name, dataset in CLEAN.items()}
_FILE = {file.name: file for file in SOURCE_FILES}


def of_clean() -> Columns:
    """Return the columns of the checked files that each feature is made from."""
    made_from: Columns = {
        name: tuple((CLEAN[file], column) for file, column in found)
        for name, found in origins().items()
    }
    return {"user_id": tuple((CLEAN[name], "user_id") for name in _FILE), **made_from}


def of_delivered(sources: "CleanSources") -> Columns:
    """Return the columns of the delivered files that each feature is made from."""
    return {
        name: tuple(
            its_own
            for file, column in found
            for its_own in delivered(sources, _FILE[NAMES[file]], column)
        )
        for name, found in of_clean().items()
    }


def delivered(
    sources: "CleanSources", file: SourceFile, becomes: str
) -> tuple[tuple[Dataset, str], ...]:
    """Return the column of a delivered file, by its own name; none for a constant of a producer."""
    if file.name in sources.own_columns and becomes not in sources.own_columns[file.name]:
        return ()
    return ((DELIVERED[file.name], sources.column(file, becomes)),)


def of_files(sources: "CleanSources") -> Facts:
    """Return rows, hashes and columns of the delivered files."""
    return Facts(
        rows={DELIVERED[name]: rows for name, rows in sources.rows.items()},
        versions={DELIVERED[name]: sha256 for name, sha256 in sources.sha256.items()},
        fields={
            DELIVERED[file.name]: {
                name: column.type
                for column in file.columns
                for _, name in delivered(sources, file, column.becomes)
            }
            for file in SOURCE_FILES
        },
    )
