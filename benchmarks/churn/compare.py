"""Check that every engine gives the same users, the same labels, and each value to 1e-9."""

from dataclasses import dataclass

import duckdb

from benchmarks.churn.place import Place
from flows.churn.features.definitions import FEATURE_NAMES
from flows.errors import KpiError
from flows.platform.compute.duckdb import fetch_row, parquet_rows

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Agreement:
    """How many values of how many users were compared, and the largest difference.

    `missing` are features of ours that the other engine does not compute.
    """

    users: int
    values: int
    largest_difference: float
    missing: list[str]


def check_same(place: Place, who: str, ours: str = "ours") -> Agreement:
    """Compare an engine's table with ours; raise KpiError when they differ."""
    with duckdb.connect() as connection:
        there = set(connection.sql(f"FROM {parquet_rows(place.table(who))}").columns)
        # Other engines lack newer features until somebody adds them there.
        columns = [name for name in (*FEATURE_NAMES, "churned") if name in there]
        users, in_mine, in_theirs, *differing = fetch_row(
            connection,
            "benchmarks/churn_compare.sql",
            differences=", ".join(_difference(name) for name in columns),
            mine=parquet_rows(place.table(ours)),
            theirs=parquet_rows(place.table(who)),
        )
    if not users == in_mine == in_theirs:
        raise KpiError(f"{who} has {in_theirs:,} users and {ours} {in_mine:,}, {users:,} in all.")
    wrong = [name for name, apart in zip(columns, differing, strict=True) if apart > _TOLERANCE]
    if wrong:
        raise KpiError(f"{who} and {ours} answer differently: {', '.join(wrong)}.")
    missing = [name for name in FEATURE_NAMES if name not in columns]
    return Agreement(users, users * len(columns), max(differing), missing)


def _difference(name: str) -> str:
    mine, theirs = f"mine.{name}::DOUBLE", f"nullif(theirs.{name}::DOUBLE, 'nan')"
    apart = f"coalesce(abs({mine} - {theirs}) / greatest(1, abs({mine})), 0)"
    return f"max(CASE WHEN ({mine} IS NULL) = ({theirs} IS NULL) THEN {apart} ELSE 'inf' END)"
