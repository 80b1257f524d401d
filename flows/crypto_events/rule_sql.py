"""Whether the SQL of a contract's rules runs here, and what the tables hold that rules refer to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from flows.contracts.errors import BadContract
from flows.crypto_events.contract import Rule, raw_rules
from flows.errors import first_line
from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.settings.crypto_events import CryptoSettings
from flows.sql_files import read_sql
from flows.values import value

# Ordinary rules are planned in milliseconds, and each run plans them several times.
_SECONDS_TO_PLAN = 10
_SAYS_ITS_OWN = ("sql", "pattern", "reference", "compare")


def check_rules(connection: Connection, crypto: CryptoSettings) -> None:
    """Raise BadContract for the contract's first rule that PostgreSQL does not take."""
    check_that_rules_run(connection, crypto.contract, raw_rules(crypto))


def check_that_rules_run(connection: Connection, path: Path, rules: list[Rule]) -> None:
    """Raise BadContract for the first rule that PostgreSQL does not take, with its words.

    So it does for one that takes more than ten seconds to plan. Rules that say nothing of their own
    are made here, and always run.
    """
    for rule in rules:
        if rule.kind in _SAYS_ITS_OWN:
            _check_that_it_runs(connection, path, rule)


def _check_that_it_runs(connection: Connection, path: Path, rule: Rule) -> None:
    in_brackets = sql.SQL("({}) IS NOT FALSE").format(rule.holds)
    try:
        with connection.transaction(force_rollback=True):
            execute(
                connection,
                "crypto_events/validation/bound_planning.sql",
                {"milliseconds": str(_SECONDS_TO_PLAN * 1000)},
            )
            for holds in (rule.holds, in_brackets):
                tried = sql.SQL(read_sql("crypto_events/validation/try_rule.sql")).format(
                    holds=holds, pattern=sql.Literal(rule.arguments.get("regex", ""))
                )
                # Binary answers need the protocol that takes one statement, and not a second.
                connection.cursor(binary=True).execute(tried)
    except psycopg.errors.QueryCanceled:
        raise BadContract(
            path,
            rule.line,
            f"PostgreSQL plans the rule {rule.id} for more than {_SECONDS_TO_PLAN} seconds: "
            "write it more simply.",
        ) from None
    except (psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError) as error:
        raise BadContract(
            path, rule.line, f"PostgreSQL does not take the rule {rule.id}: {first_line(error)}."
        ) from None


@contextmanager
def told_which_rule_fails(
    connection: Connection, path: Path, rules: list[Rule], judge: Callable[[list[Rule]], Any]
) -> Iterator[None]:
    """Raise BadContract for the rule whose SQL fails on a value, in the block and by itself.

    `judge` judges the same rows by the rules that it is given.
    """
    try:
        with connection.transaction():
            yield
    except psycopg.DataError:
        for rule in rules:
            try:
                with connection.transaction(force_rollback=True):
                    judge([rule])
            except psycopg.DataError as error:
                raise BadContract(
                    path,
                    rule.line,
                    f"the rule {rule.id} fails on a row{value(f': {first_line(error)}')}.",
                ) from None
        raise


def contents_of_reference(connection: Connection, path: Path, rule: Rule) -> str:
    """Return a hash of the values that a rule refers to; empty for a rule that refers to none.

    Raises BadContract when the table or its column is missing, or closed to us.
    """
    if rule.reference is None:
        return ""
    table, column = rule.reference
    try:
        with connection.transaction():
            found = fetch_one(
                connection,
                "crypto_events/validation/contents_of_reference.sql",
                None,
                table=sql.Identifier(*table.split(".")),
                column=sql.Identifier(column),
            )
    except psycopg.errors.ProgrammingError as error:
        raise BadContract(
            path,
            rule.line,
            f"the rule {rule.id} refers to what is not there: {first_line(error)}.",
        ) from None
    return str(found["contents"])
