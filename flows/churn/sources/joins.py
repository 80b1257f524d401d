"""Whether the five files speak of the same users: a file whose ids were shifted knows none."""

import logging
from dataclasses import dataclass, field

import duckdb

from flows.churn.sources.contract import PAYMENTS, SOURCE_FILES
from flows.errors import BadInput, count_of
from flows.platform.compute.duckdb import fetch_row
from flows.sql_files import read_sql
from flows.values import value

logger = logging.getLogger(__name__)

_FILES = tuple(file.name for file in SOURCE_FILES)
_ABOUT_USERS = tuple(file.name for file in SOURCE_FILES if file.describes_users)
_ADVICE = (
    "Do both write the same ids, of the same customers? Lower KPI_CHURN__MIN_KNOWN_SHARE where so "
    "few are right."
)


@dataclass(frozen=True)
class Joins:
    """How many users each file has (`users`), and how many of them the others know.

    `shared["A"]["B"]`: users in A and in B. `known`: users who ever paid or are in another file.
    `never_paid`: users in a file about users who are not in PAYMENTS.
    """

    users: dict[str, int] = field(default_factory=dict)
    shared: dict[str, dict[str, int]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    never_paid: int = 0

    def share(self, of: str, among: str | None = None) -> float:
        """Return the share of the users of one file who are in another one, or in any other."""
        return (self.shared[of][among] if among else self.known[of]) / self.users[of]


def count_joins(connection: "duckdb.DuckDBPyConnection", tables: dict[str, str]) -> Joins:
    """Count the users of the checked files (SQL by lower-case name), and who knows whom."""
    sets = connection.execute(read_sql("churn/sources/joins.sql").format(**tables)).fetchall()

    def in_all(*names: str) -> int:
        wanted = sum(1 << _FILES.index(name) for name in names)
        return sum(number for files, number in sets if files & wanted == wanted)

    return Joins(
        users={name: in_all(name) for name in _FILES},
        shared={
            name: {other: in_all(name, other) for other in _FILES if other != name}
            for name in _FILES
        },
        known={
            name: sum(
                number for files, number in sets if files & 1 << place and files != 1 << place
            )
            for place, name in enumerate(_FILES)
        },
        never_paid=sum(number for files, number in sets if not files & 1),
    )


def check_joins(
    connection: "duckdb.DuckDBPyConnection", tables: dict[str, str], joins: Joins, least: float
) -> None:
    """Raise BadInput where two files know too few users in common, naming ids of both.

    A file about users needs this share of the payers, and this share of its own users has to be
    known: as payers, or from another file.
    """
    logger.info(
        "Users of PAYMENTS.csv who are in the others: %s. %s of the others never paid.",
        ", ".join(f"{name}.csv {joins.share(PAYMENTS.name, name):.0%}" for name in _ABOUT_USERS),
        count_of(joins.never_paid, "user"),
    )
    for name in _ABOUT_USERS:
        if joins.share(PAYMENTS.name, name) < least:
            raise BadInput(
                f"{name}.csv knows {joins.share(PAYMENTS.name, name):.1%} of the users of "
                f"PAYMENTS.csv (at least {least:.0%}){_ids(connection, tables, name)}. {_ADVICE}"
            )
        if joins.share(name) < least:
            raise BadInput(
                f"{joins.share(name):.1%} of the users of {name}.csv are in PAYMENTS.csv or "
                f"another file (at least {least:.0%}){_ids(connection, tables, name)}. {_ADVICE}"
            )


def _ids(connection: "duckdb.DuckDBPyConnection", tables: dict[str, str], name: str) -> str:
    told = []
    for file in (PAYMENTS.name, name):
        (ids,) = fetch_row(connection, "churn/sources/first_users.sql", source=tables[file.lower()])
        told.append(f"{file}.csv has users {', '.join(map(str, ids))}")
    return value(f": {'; '.join(told)}")


def report_joins(joins: Joins) -> list[dict[str, str]]:
    """Return a row for each file: its users, and the share of them that each other file knows."""
    return [
        {
            "users of": f"{name}.csv",
            "number": f"{number:,}",
            **{
                f"in {other}": "" if other == name else f"{joins.share(name, other):.1%}"
                for other in _FILES
            },
            "in any other": f"{joins.share(name):.1%}",
        }
        for name, number in joins.users.items()
    ]
