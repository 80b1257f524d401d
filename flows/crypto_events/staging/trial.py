"""Judge a file by the contract without keeping anything of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from psycopg.rows import DictRow

from flows.contracts.producers.producer import Producer
from flows.crypto_events.calendar import ensure_calendar
from flows.crypto_events.contract import DUPLICATE, Rule, raw_rules, reasons_in_words
from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.key import Key, columns
from flows.crypto_events.landing.ingest import Ingested, opened, store
from flows.crypto_events.rule_sql import check_rules, told_which_rule_fails
from flows.crypto_events.staging.judge import judge_own_rows
from flows.errors import count_of
from flows.platform.warehouse.connection import Connection, execute, fetch_one, transaction
from flows.settings import Settings

_FOLDER = "crypto_events/staging/trial"


@dataclass(frozen=True)
class Broken:
    """A rule that rows of the file break; `first_rows` are counted below the header, from 1."""

    reason: str
    description: str
    rows: int
    first_rows: tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """A rule about the delivery that the file breaks by itself, and how; otherwise a warning.

    A warning may be about rows as well.
    """

    rule: str
    binds: bool
    sentence: str


@dataclass(frozen=True)
class Trial:
    """What would become of a file; a row that breaks several rules is counted for each.

    `questions` are about shares of missing values: how many rows are usual, a file cannot tell.
    """

    delivery: Ingested
    rows_passing: int
    broken: tuple[Broken, ...]
    questions: tuple[Question, ...] = ()


def try_delivery(settings: Settings, file: Path, producer: Producer | None = None) -> Trial:
    """Store and judge the file by the SQL of a run, in a transaction that is rolled back.

    Raises BadInput for a file that `ingest` would refuse.
    """
    words = reasons_in_words(settings.crypto)
    key = Key.of(settings.crypto)
    with (
        opened(settings, file, producer) as delivery,
        transaction(settings, f"test {delivery.name}") as connection,
    ):
        check_rules(connection, settings.crypto)
        ensure_calendar(connection, settings)
        ingested = store(connection, settings, delivery, "append")
        judge_own_rows(connection, settings)
        found = execute(
            connection,
            f"{_FOLDER}/count.sql",
            key=columns(key.ordered),
            fixed=columns(key.fixed),
            duplicate=sql.Literal(DUPLICATE),
        ).fetchall()
        questions = (*_questions(connection, settings), *_warnings(connection, settings))
        connection.rollback()
    return Trial(
        ingested,
        next((row["rows"] for row in found if row["reason"] is None), 0),
        tuple(
            Broken(
                row["reason"],
                words.get(row["reason"]) or row["reason"],
                row["rows"],
                tuple(row["first_rows"]),
            )
            for row in found
            if row["reason"] is not None
        ),
        questions,
    )


def _questions(connection: Connection, settings: Settings) -> tuple[Question, ...]:
    found = []
    for rule in delivery_rules(settings.crypto):
        if rule.missing is None:
            continue
        days = execute(
            connection,
            f"{_FOLDER}/missing_share.sql",
            None,
            missing=rule.missing.cell,
            too_many=rule.missing.too_many,
        ).fetchall()
        if days:
            found.append(Question(rule.id, rule.severity == "error", rule.sentence(days)))
    return tuple(found)


def _warnings(connection: Connection, settings: Settings) -> Iterator[Question]:
    warning = [rule for rule in raw_rules(settings.crypto) if rule.severity == "warn"]
    for rule in warning:

        def find(rules: Iterable[Rule] = (rule,)) -> DictRow:
            (rule,) = rules
            return fetch_one(connection, f"{_FOLDER}/warned.sql", None, holds=rule.holds)

        with told_which_rule_fails(connection, settings.crypto.contract, [rule], find):
            found = find()
        if found["rows"]:
            first = ", ".join(map(str, found["first_rows"]))
            sentence = (
                f"{count_of(found['rows'], 'row')} would pass although they should be otherwise: "
                f"{rule.description} (first of them: {first})"
            )
            yield Question(rule.id, False, sentence)
