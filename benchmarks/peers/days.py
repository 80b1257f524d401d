"""A day as each peer does it: first load, unchanged, 1 % changed."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from psycopg import sql
from psycopg.rows import DictRow

from benchmarks.crypto_events import ours
from benchmarks.crypto_events.data import AS_OF, OURS, Size, change_one_percent
from benchmarks.peers.tools import Place, kpi, tool
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.platform.warehouse.connection import connect, fetch_one

FIRST, UNCHANGED, CHANGED = "first load", "unchanged", "1 % changed"
STEPS, PROCESS = "our steps", "kpi run"
KPI, DBT, SQLMESH = "kpi", "dbt", "sqlmesh"


@dataclass(frozen=True)
class Peer:
    """Who does a day: `day` gets its number from 0; `events` is what it publishes."""

    name: str
    day: Callable[[Place, str, int], None]
    events: sql.Identifier
    active: sql.SQL
    prepare: Callable[[Place], None] | None = None


def peers(names: Collection[str]) -> list[Peer]:
    """Return our steps, and the others of these names."""
    kept = sql.SQL("is_active")
    others = {
        KPI: Peer(PROCESS, _process, OURS, kept),
        DBT: Peer("dbt build", _dbt, sql.Identifier("dbt", "fct_crypto_events"), kept),
        SQLMESH: Peer(
            "sqlmesh run",
            _sqlmesh,
            sql.Identifier("mesh", "crypto_events"),
            sql.SQL("true"),
            _prepare_sqlmesh,
        ),
    }
    return [
        Peer(STEPS, _steps, OURS, kept),
        *(peer for name, peer in others.items() if name in names),
    ]


def measure_days(
    places: list[tuple[Peer, Place]], size: Size, say: Callable[[str], None]
) -> dict[str, int]:
    """Measure every scenario for everybody; return the live rows after each.

    Everybody has a database of its own with the same raw rows, and does each day in turn. Raises
    KpiError when somebody ends a day with other rows than our steps do.
    """
    rows = {}
    number = 0
    for peer, place in places:
        if peer.prepare:
            peer.prepare(place)
    for scenario, times in (FIRST, 1), (UNCHANGED, size.repetitions), (CHANGED, size.repetitions):
        for repetition in range(1, times + 1):
            say(f"  {scenario}, {repetition} of {times}")
            for peer, place in places:
                if scenario == CHANGED:
                    change_one_percent(place.settings, size, repetition)
                peer.day(place, f"{peer.name}/{scenario}", number)
            rows[scenario] = _same_rows(places)
            number += 1
    return rows


def _same_rows(places: list[tuple[Peer, Place]]) -> int:
    (first, first_place), *others = places
    expected = _rows(first, first_place)
    for peer, place in others:
        if (found := _rows(peer, place)) != expected:
            raise KpiError(
                f"{peer.name} does not hold the rows of {first.name}: {found}, {expected}."
            )
    if not expected["rows"]:
        raise KpiError("Nobody published a row.")
    return int(expected["rows"])


def _rows(peer: Peer, place: Place) -> DictRow:
    run = plan_run(place.settings, AS_OF)
    with connect(place.settings, "benchmark compare", autocommit=True) as connection:
        return fetch_one(
            connection,
            "benchmarks/peers/active_rows.sql",
            {"window_start": run.window_start, "as_of": run.as_of},
            events=peer.events,
            active=peer.active,
        )


def _steps(place: Place, name: str, _number: int) -> None:
    ours.measure_run(place.settings, place.meter, name, plan_run(place.settings, AS_OF))


def _process(place: Place, name: str, _number: int) -> None:
    place.run(f"{name}/process", kpi("run", "--as-of", AS_OF.isoformat()))


def _dbt(place: Place, name: str, _number: int) -> None:
    run = plan_run(place.settings, AS_OF)
    window = {"window_start": run.window_start.isoformat(), "as_of": run.as_of.isoformat()}
    project = place.project("dbt")
    command = [tool(DBT, "dbt"), "build", "--profiles-dir", ".", "--vars", json.dumps(window)]
    place.run(f"{name}/process", command, project)


def _prepare_sqlmesh(place: Place) -> None:
    # The plan makes tables and state; what the days cost is left to `sqlmesh run`.
    plan = ["plan", "--skip-backfill", "--auto-apply", "--no-prompts"]
    place.run(None, [tool(SQLMESH, "sqlmesh"), *plan], place.project("sqlmesh"))


def _sqlmesh(place: Place, name: str, number: int) -> None:
    # It computes an interval once, and again as long as a later one looks back on it. So each day
    # ends a day later than the one before, and finds no row on the days after the window.
    run = plan_run(place.settings, AS_OF)
    end = run.as_of + timedelta(days=number)
    interval = ["-s", run.window_start.isoformat(), "-e", end.isoformat()]
    command = [tool(SQLMESH, "sqlmesh"), "run", *interval, "--ignore-cron"]
    place.run(f"{name}/process", command, place.project("sqlmesh"))
