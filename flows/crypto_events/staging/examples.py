"""Try the examples of a contract's rules by the SQL of a run; nothing is kept."""

from psycopg import sql

from flows.contracts.errors import BadContract
from flows.contracts.examples import examples_of, good_row
from flows.crypto_events.calendar import ensure_calendar
from flows.crypto_events.contract import raw_rules, table_of
from flows.crypto_events.staging.judge import judge_own_rows
from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.settings import Settings
from flows.settings.contracted import contract_at

_FOLDER = "crypto_events/staging/examples"


def wrong_examples(connection: Connection, settings: Settings) -> list[BadContract]:
    """Return a sentence for each example that its rule does not judge as it should.

    An example is put into a row of good values, which arrives on the day that the good one of its
    rule is of: what is in the future must not depend on when somebody asks. The caller rolls its
    transaction back. Raises BadContract for an example that is no cell, and for a rule whose SQL
    fails on one.
    """
    path = contract_at(settings.crypto.contract).path
    table = table_of(settings.crypto)
    good = good_row(path, table)
    examples = examples_of(path, table)
    ensure_calendar(connection, settings)
    good_id = _stored(connection, good)
    stored = [(_stored(connection, {**good, **each.cells}), each) for each in examples]
    judge_own_rows(connection, settings)
    wrong = []
    for rule in raw_rules(settings.crypto):
        own = {raw_id: each for raw_id, each in stored if each.rule.id == rule.id}
        found = execute(
            connection,
            f"{_FOLDER}/broken.sql",
            None,
            good_row=sql.Literal(next((id_ for id_, each in own.items() if each.passes), good_id)),
            examples=sql.Literal(list(own)),
            holds=rule.holds,
        ).fetchall()
        broken = {row["raw_id"] for row in found}
        wrong += [
            each.wrong(path) for raw_id, each in own.items() if (raw_id in broken) == each.passes
        ]
    return wrong


def _stored(connection: Connection, cells: dict[str, str | None]) -> int:
    return int(fetch_one(connection, f"{_FOLDER}/store.sql", cells)["raw_id"])
