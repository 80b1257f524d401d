"""Forget a person in every place; lift it; or apply the whole ledger again.

A line of the ledger is written before anything is deleted, and finished when every place was
searched: a run that was killed is completed by the next one, since each place only loses what it
holds. From the line on, deliveries are stored without the person.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psycopg

from flows.churn import pipeline as churn
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.errors import BadInput, KpiError, first_line
from flows.forgetting.copies import forget_in_copies
from flows.forgetting.home import forget_in_home, left_to_others
from flows.forgetting.models import forget_in_models
from flows.forgetting.prefect import forget_in_prefect
from flows.forgetting.trace import Trace, by_place
from flows.forgetting.validations import forget_in_stored_runs, forget_in_validations
from flows.forgetting.warehouse import forget_in_warehouse
from flows.forgetting.words import forget_in_approvals
from flows.platform.forgetting.forgotten import people_of, require_key
from flows.platform.forgetting.key import find_key, hash_by, key_id, make_key
from flows.platform.forgetting.ledger import (
    Action,
    Line,
    add_line,
    finish_line,
    in_force,
    lines_in_table,
    make_equal,
)
from flows.platform.forgetting.numbers_in_text import without_people
from flows.platform.forgetting.people import People, person_of
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import Connection, connect, transaction
from flows.settings import Settings


def _in_models_and_home(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    # Not the other way round, nor the home alone: features tell whose a typical user is.
    models = forget_in_models(settings, people, dry_run=dry_run)
    return models + forget_in_home(settings, people, dry_run=dry_run)


_PLACES: tuple[Callable[..., list[Trace]], ...] = (
    forget_in_copies,
    _in_models_and_home,
    forget_in_prefect,
    forget_in_approvals,
    forget_in_validations,
    forget_in_stored_runs,
    forget_in_warehouse,
)
_PIPELINES = (CRYPTO_EVENTS, churn.TRAINING, churn.SCORING, churn.DRIFT_MONITOR)


@dataclass(frozen=True)
class Forgetting:
    """What each place held, and a sentence for each that could not be searched."""

    traces: list[Trace]
    not_done: list[str]


def look_for(settings: Settings, user: str) -> Forgetting:
    """Return what `forget` would find of the user; change nothing. Raises BadInput for no id."""
    people = People(_whole_number(user))
    return _everywhere(settings, people, dry_run=True)


def forget(settings: Settings, user: str, *, why: str, by: str, shared: bool = False) -> Forgetting:
    """Forget a user in every place, and write the ledger, which holds a keyed hash alone.

    Run again, it completes what was left, or searches once more. In a warehouse that is `shared`
    with other homes it makes no key. Raises BadInput where the key is missing, the user is no whole
    number or is named in `why` or `by`, PipelineBusy while a pipeline runs; then nothing
    was changed.
    """
    person = _whole_number(user)
    one = People(person)
    _refuse_names(one, why, by)
    with _alone(settings), connect(settings, "forget") as connection:
        line = _begin(settings, connection, person, "forgotten", why=why, by=by, shared=shared)
        found = _everywhere(settings, one, dry_run=False)
        if not found.not_done:
            _finish(settings, connection, line, found.traces)
    return found


def lift(settings: Settings, user: str, *, why: str, by: str) -> None:
    """Take deliveries of a forgotten user again; what was deleted stays so.

    Raises BadInput where the user is no whole number, is named in `why` or `by`, or is not
    forgotten.
    """
    person = _whole_number(user)
    _refuse_names(People(person), why, by)
    with transaction(settings, "forget") as connection:
        make_equal(settings, connection)
        lines = in_force(lines_in_table(connection))
        key = require_key(settings, lines.values()) if lines else find_key(settings) or b""
        if hash_by(key)(person) not in lines:
            raise BadInput("This user is not among the forgotten ones. Nothing was changed.")
        add_line(settings, connection, _line(key, person, "lifted", why=why, by=by))


def forget_again(settings: Settings) -> Forgetting:
    """Apply the ledger to every place again, as after a restore.

    Raises KpiError when its key is not here, PipelineBusy while a pipeline runs.
    """
    with _alone(settings), connect(settings, "forget") as connection:
        make_equal(settings, connection)
        connection.commit()
        lines = lines_in_table(connection)
        connection.commit()
        people = people_of(settings, lines)
        if people is None:
            return Forgetting([], [])
        found = _everywhere(settings, people, dry_run=False)
        for line in in_force(lines).values():
            if line.finished_at is None and not found.not_done:
                _finish(settings, connection, line, [])
    return found


def _everywhere(settings: Settings, people: People, *, dry_run: bool) -> Forgetting:
    traces: list[Trace] = []
    not_done: list[str] = []
    for place in _PLACES:
        try:
            traces += place(settings, people, dry_run=dry_run)
        except KpiError as error:
            not_done.append(error.marked)
        except psycopg.Error as error:
            not_done.append(f"The warehouse was not searched: {first_line(error)}")
    try:
        traces += left_to_others(settings, people)
    except KpiError as error:
        not_done.append(error.marked)
    return Forgetting(by_place(traces), not_done)


def _begin(
    settings: Settings,
    connection: Connection,
    person: str,
    action: Action,
    *,
    why: str,
    by: str,
    shared: bool,
) -> Line:
    """Return the person's line in force; a new one, written now, where there is none."""
    make_equal(settings, connection)
    connection.commit()
    lines = lines_in_table(connection)
    connection.commit()
    known = in_force(lines)
    key = require_key(settings, known.values()) if known else make_key(settings, shared=shared)
    if line := known.get(hash_by(key)(person)):
        return line
    line = _line(key, person, action, why=why, by=by)
    add_line(settings, connection, line)
    connection.commit()
    return line


def _line(key: bytes, person: str, action: Action, *, why: str, by: str) -> Line:
    now = datetime.now(UTC)
    return Line(
        person=hash_by(key)(person),
        key_id=key_id(key),
        action=action,
        why=why,
        decided_by=by,
        decided_at=now,
        finished_at=now if action == "lifted" else None,
    )


def _finish(settings: Settings, connection: Connection, line: Line, traces: list[Trace]) -> None:
    places = dict(line.places)
    for trace in traces:
        if trace.done != "left":
            places[trace.place] = places.get(trace.place, 0) + trace.found
    finish_line(settings, connection, replace(line, places=places, finished_at=datetime.now(UTC)))


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep the pipelines from running meanwhile: they would write again what they have read."""
    run = Run(as_of=datetime.now(settings.zone).date(), run_id="kpi forget")
    with ExitStack() as held:
        for pipeline in _PIPELINES:
            held.enter_context(pipeline_lock(settings, pipeline.name, run))
        yield


def _whole_number(user: str) -> str:
    person = person_of(user.strip())
    if person is None or not user.strip().lstrip("+-").isdecimal():
        raise BadInput("A user is a whole number, as in user_id or CUS_CUST_ID_BUY.")
    return person


def _refuse_names(person: People, *texts: str) -> None:
    if any(without_people(text, person)[1] for text in texts):
        raise BadInput(
            "The ledger stays for good, so --why and --by may not hold the user's id. "
            "Nothing was changed."
        )
