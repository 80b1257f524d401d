"""The comparison with other tools, without them: what it measures, compares and reports."""

import json
import os
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from benchmarks.cost import Cost, Samples
from benchmarks.crypto_events.data import Size, fill
from benchmarks.crypto_events.ours import benchmark_settings
from benchmarks.meter import Meter
from benchmarks.peers.__main__ import main
from benchmarks.peers.days import Peer, measure_days, peers
from benchmarks.peers.report import lines, markdown, versions
from benchmarks.peers.results import Results
from benchmarks.peers.targets import targets
from benchmarks.peers.tools import Place, tool
from flows.errors import KpiError

pytestmark = pytest.mark.xdist_group("benchmarks")

ROWS = 200
SEED = 12  # rows that a migration puts into the raw table, which are older than the window
ANY = sql.SQL("true")
DAYS = ("first load", "unchanged", "1 % changed")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one benchmark left. It raises when not everybody published the same rows."""
    output = tmp_path_factory.mktemp("peers")
    main([f"--rows={ROWS}", "--repetitions=1", f"--output={output}", "--peers"])
    assert (output / "peers.md").read_text().count("| our steps |") == 3
    result: dict[str, Any] = json.loads((output / "peers.json").read_text())
    return result


def test_every_scenario_is_measured_for_everybody(report: dict[str, Any]) -> None:
    assert [(line["scenario"], line["who"]) for line in report["lines"]] == [
        *((scenario, "our steps") for scenario in DAYS),
        ("a delivery", "kpi ingest"),
        ("a delivery", "judging it"),
        ("a delivery", "psql COPY"),
    ]
    assert all(line["cost"]["wall"] > 0 for line in report["lines"])
    assert all(cost["client"] > 0 for cost in report["samples"]["kpi ingest/a delivery/process"])


def test_a_changed_day_has_as_many_live_rows_as_before(report: dict[str, Any]) -> None:
    # 1 % are gone, and at least one row a day is new.
    gone, new = ROWS // 100, 5
    assert report["live_rows"] == {
        "first load": ROWS,
        "unchanged": ROWS,
        "1 % changed": ROWS - gone + new,
    }
    assert report["delivered"] == ROWS * 3 // 10 + SEED


def test_a_peer_with_other_rows_stops_the_benchmark(database_url: str, tmp_path: Path) -> None:
    settings = benchmark_settings(database_url, tmp_path)
    size = Size(20, 0, 0, 1)
    fill(settings, size)
    idle = Peer("idle", lambda *_: None, sql.Identifier("benchmark", "limit_events"), ANY)
    with closing(Meter(settings, os.getpid(), Samples())) as meter:
        place = Place(settings, tmp_path, meter)
        with pytest.raises(KpiError, match="idle does not hold the rows of our steps"):
            measure_days([(peer, place) for peer in (*peers([]), idle)], size, print)


def results(*costs: tuple[str, float, float]) -> Results:
    samples = Samples()
    for name, server, client in costs:
        samples.add(name, Cost(1, server, client, 0))
    return Results(Size(1, 0, 0, 1), 1, samples, {}, "18", ("kpi", "dbt", "sqlmesh", "dlt"))


def test_ratios_are_to_kpi_run_and_to_psql() -> None:
    measured = results(
        ("our steps/unchanged/a", 1, 0),
        ("our steps/unchanged/b", 1, 1),
        ("kpi run/unchanged/process", 2, 2),
        ("dbt build/unchanged/process", 4, 4),
        ("kpi ingest/a delivery/process", 3, 3),
        ("psql COPY/a delivery/process", 2, 0),
    )
    told = lines(measured)
    assert [(line.who, line.server_ratio, line.ratio) for line in told] == [
        ("our steps", 1, 0.75),
        ("kpi run", 1, 1),
        ("dbt build", 2, 2),
        ("kpi ingest", 1.5, 3),
        ("psql COPY", 1, 1),
    ]


def test_each_promise_is_printed_with_whether_it_is_met() -> None:
    measured = results(
        *((f"our steps/{day}/build_events_candidate", 1, 1) for day in DAYS),
        *((f"kpi run/{day}/process", 2, 2) for day in DAYS),
        *((f"dbt build/{day}/process", 12, 0) for day in DAYS),
        *((f"sqlmesh run/{day}/process", 13, 0) for day in DAYS),
        ("kpi ingest/a delivery/process", 3, 1),
        ("judging it/a delivery/judge_window", 1, 1),
        ("psql COPY/a delivery/process", 2, 0),
    )
    assert [(target.ours, target.reference, target.met) for target in targets(measured)] == [
        (4, 2, False),  # kpi ingest, at most 1.5 times psql's COPY
        (6, 2, True),  # the same with judging, at most 3 times
        (1, 12, True),  # unchanged day
        (1, 12, True),  # 1 % changed
        (4, 12, True),  # kpi run
        (2, 12, True),  # first load
        (4 + 5 * 2, 2 + 5 * 12, True),  # a row over its life
    ]
    text = markdown(measured)
    assert "| unchanged | dbt build | 12.00 | 12.00 | 6.00 | 3.00 |" in text
    assert "| kpi ingest, without judging : psql COPY | 4.00 | 2.00 | 2.000 | 1.500 | no |" in text


def test_versions_are_those_that_are_locked() -> None:
    told = versions(results())
    assert set(told) >= {"dbt-core", "dbt-postgres", "sqlmesh", "dlt", "postgresql"}
    assert all(re.fullmatch(r"[0-9.]+", number) for number in told.values())


def test_a_peer_that_is_not_installed_is_named() -> None:
    with pytest.raises(KpiError, match="nothing is not installed"):
        tool("nowhere", "nothing")
