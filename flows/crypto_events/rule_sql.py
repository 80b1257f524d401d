"""Whether the SQL of a contract's rules runs here, and what the tables hold that rules refer to."""

from pathlib import Path

import psycopg
from psycopg import sql

from flows.contracts.errors import BadContract
from flows.crypto_events.contract import Rule
from flows.platform.warehouse.connection import Connection, execute, fetch_one

# Ordinary rules are planned in milliseconds, and each run plans them several times.
_SECONDS_TO_PLAN = 10


def check_that_rules_run(connection: Connection, path: Path, rules: list[Rule]) -> None:
    """Raise BadContract for the first rule that PostgreSQL does not take, with its words.

    So it does for one that takes more than ten seconds to plan.
    """
    for rule in rules:
        pattern = rule.arguments.get("regex")
        try:
            with connection.transaction(force_rollback=True):
                execute(
                    connection,
                    "crypto_events/validation/bound_planning.sql",
                    {"milliseconds": str(_SECONDS_TO_PLAN * 1000)},
                )
                execute(
                    connection,
                    "crypto_events/validation/try_rule.sql",
                    None,
                    holds=rule.holds,
                    pattern=sql.Literal(pattern or ""),
                )
        except psycopg.errors.QueryCanceled:
            raise BadContract(
                path,
                rule.line,
                f"PostgreSQL plans the rule {rule.id} for more than {_SECONDS_TO_PLAN} seconds: "
                "write it more simply.",
            ) from None
        except (psycopg.errors.ProgrammingError, psycopg.errors.DataError) as error:
            said = str(error).partition("\n")[0]
            raise BadContract(
                path, rule.line, f"PostgreSQL does not take the rule {rule.id}: {said}."
            ) from None


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
        said = str(error).partition("\n")[0]
        raise BadContract(
            path, rule.line, f"the rule {rule.id} refers to what is not there: {said}."
        ) from None
    return str(found["contents"])
