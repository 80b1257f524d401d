"""Scores of a day: every user's, all at once, and those of Production."""

import json
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import psycopg
import pytest

from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot, snapshot
from flows.churn.folders import scored_with
from flows.churn.model.decisions.scored_rows import reasons
from flows.churn.model.score_users import Scores, score_users
from flows.churn.planning import plan_snapshot
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import write_sample_data
from flows.errors import BadInput, KpiError
from flows.platform.warehouse.connection import Connection, connect
from flows.settings import Settings
from tests.churn.handmade_models import AS_OF, MODELS, Registry, with_churn

USERS, FEWER = 300, 240
Rows = dict[int, tuple[str, float]]


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=USERS, seed=3)
    return folder


@pytest.fixture(scope="module")
def later_delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the last users."""
    folder = tmp_path_factory.mktemp("later_delivery")
    write_sample_data(folder, users=FEWER, seed=3)
    return folder


def described(settings: Settings, source: Path, as_of: date = AS_OF) -> ChurnRun:
    """A run whose snapshot was built."""
    run = plan_snapshot(settings, as_of, source=source)
    build_current_snapshot(settings, run)
    return run


def scores(db: Connection, as_of: date = AS_OF) -> Rows:
    """Version and probability of each user on a day."""
    found = db.execute(
        "SELECT user_id, model_version, probability FROM prod.bt_churn_scores WHERE as_of = %s",
        [as_of],
    )
    return {row["user_id"]: (row["model_version"], row["probability"]) for row in found}


def expected(settings: Settings, run: ChurnRun, version: str, model: str) -> Rows:
    table = pd.read_parquet(snapshot(settings, run))
    probabilities = MODELS[model].probabilities(table).tolist()
    return {
        user: (version, probability)
        for user, probability in zip(table["user_id"], probabilities, strict=True)
    }


def test_every_user_has_the_probability_of_production(
    registry: Registry, db: Connection, delivery: Path
) -> None:
    run = described(registry.settings, delivery)
    found = score_users(registry.settings, run)
    rows = scores(db)
    assert rows == expected(registry.settings, run, "1", "good")
    assert len(rows) == USERS
    churning = sum(probability >= MODELS["good"].threshold for _, probability in rows.values())
    assert 0 < churning < USERS
    counted = db.execute(
        "SELECT count(*) AS users, count(*) FILTER (WHERE probability >= %s) AS churning"
        " FROM prod.bt_churn_scores WHERE active",
        [MODELS["good"].threshold],
    ).fetchone()
    assert counted
    assert 0 < counted["users"] < USERS
    assert found == Scores(AS_OF, "1", USERS, churning, counted["users"], counted["churning"])
    # Which of a day's snapshots the scores were made from: the app fills its form from it.
    assert json.loads(scored_with(registry.settings, run.run_id).read_bytes()) == {
        "as_of": str(AS_OF),
        "model_version": "1",
    }


def test_a_score_comes_with_what_people_need_to_act_on_it(
    registry: Registry, db: Connection, delivery: Path, tmp_path: Path
) -> None:
    source = tmp_path / "with one more"
    shutil.copytree(delivery, source)
    with (source / "PAYMENTS.csv").open("a", encoding="utf-8") as file:
        file.write(
            "2026-04-01,1,900001,100,Instore,\n"  # 90 days before: one too many
            "2026-04-02,1,900001,10.5,TopUps,\n2026-06-30,1,900001,2,Instore,\n"
            "2026-06-29,1,900001,4,TopUps,\n2026-06-28,1,900002,1,,\n"
        )
    with (source / "DEMOGRAFICOS.csv").open("a", encoding="utf-8") as file:
        file.write('900001,80,F,Credit,"Rosario, ""Santa Fe"""\n900002,18,,,\n900003,30,M,None,\n')
    score_users(registry.settings, described(registry.settings, source))

    found = db.execute(
        "SELECT user_id, active, spent_90d, segment, city, reasons FROM prod.bt_churn_scores"
        " WHERE user_id > 900000 ORDER BY user_id"
    ).fetchall()
    assert [tuple(row.values()) for row in found] == [
        (900001, True, 16.5, "TopUps", 'Rosario, "Santa Fe"', []),
        (900002, True, 1, None, None, []),
        (900003, False, 0, None, None, []),
    ]
    raised = db.execute(
        "SELECT DISTINCT unnest(reasons) AS name FROM prod.bt_churn_scores"
    ).fetchall()
    assert {row["name"] for row in raised} == set(MODELS["good"].feature_names)


def test_reasons_are_what_raises_the_probability_most() -> None:
    added = pd.DataFrame(
        {"a": [1.0, -1], "b": [2.0, 0], "c": [0.5, -2], "d": [0.1, 0.2], "e": [-3.0, 0.3]}
    )
    assert reasons(added) == ["{b,a,c}", "{e,d}"]


@pytest.mark.parametrize(
    ("active_churning", "told"),
    [
        (
            3,
            "200 users scored with version 4, of whom 70 count as churning; 3 of the 60 active "
            "ones do.",
        ),
        (
            0,
            "200 users scored with version 4, of whom 70 count as churning, none of the 60 active "
            "ones among them.",
        ),
    ],
)
def test_a_model_that_flags_nobody_active_says_so(active_churning: int, told: str) -> None:
    assert str(Scores(AS_OF, "4", 200, 70, 60, active_churning)) == told


def test_many_batches_score_as_one(
    registry: Registry, db: Connection, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = described(registry.settings, delivery)
    whole = score_users(registry.settings, run), scores(db)
    monkeypatch.setattr("flows.churn.model.score_users._USERS_AT_ONCE", 7)  # parts of 35
    assert (score_users(registry.settings, run), scores(db)) == whole


def test_the_same_day_again_replaces_and_drops_who_is_gone(
    registry: Registry, db: Connection, delivery: Path, later_delivery: Path
) -> None:
    score_users(registry.settings, described(registry.settings, delivery))
    before = scores(db)
    registry.promoted("best")
    run = described(registry.settings, later_delivery)
    assert score_users(registry.settings, run).users == FEWER
    after = scores(db)
    assert after == expected(registry.settings, run, "2", "best")
    assert len(after) == FEWER
    assert set(after) < set(before)


def test_sensitive_features_that_are_left_out_score_nobody(
    registry: Registry, db: Connection, delivery: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registry.promoted("best")  # which reads the age
    settings = with_churn(registry.settings, sensitive_features="leave_out")
    run = described(settings, delivery)
    score_users(settings, run)
    table = pd.read_parquet(snapshot(settings, run)).assign(age=49.0)  # the mean
    probabilities = MODELS["best"].probabilities(table)
    assert {user: score for user, (_, score) in scores(db).items()} == pytest.approx(
        dict(zip(table["user_id"], probabilities, strict=True))
    )
    assert "Production was trained with age, which is left out" in caplog.text


def test_another_day_is_added(
    registry: Registry, db: Connection, delivery: Path, later_delivery: Path
) -> None:
    score_users(registry.settings, described(registry.settings, delivery))
    before = scores(db)
    day = date(2026, 6, 23)
    run = described(registry.settings, later_delivery, day)
    score_users(registry.settings, run)
    assert scores(db, day) == expected(registry.settings, run, "1", "good")
    assert scores(db) == before  # with those whom the other day does not know


def test_without_a_production_nothing_is_scored(
    settings: Settings, db: Connection, delivery: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    registry.evaluated("good")
    run = described(settings, delivery)
    with pytest.raises(KpiError) as error:
        score_users(settings, run)
    assert str(error.value) == (
        "There is no Production model to score with. Train one with kpi train."
    )
    assert scores(db) == {}


def test_users_described_before_an_upgrade_are_described_again(
    registry: Registry, db: Connection, delivery: Path
) -> None:
    run = described(registry.settings, delivery)
    part = snapshot(registry.settings, run) / "part-00000.parquet"
    pd.read_parquet(part).drop(columns="days_late").to_parquet(part)
    with pytest.raises(BadInput, match="lack days_late, which this release needs") as error:
        score_users(registry.settings, run)
    assert error.value.needs_step == "build_current_snapshot"
    assert scores(db) == {}


def test_without_a_snapshot_nothing_is_scored(registry: Registry, db: Connection) -> None:
    run = plan_snapshot(registry.settings, AS_OF, source=Path("nowhere"))
    with pytest.raises(BadInput, match=r"has no snapshot\. Start the run again"):
        score_users(registry.settings, run)
    assert scores(db) == {}


def test_a_failure_halfway_leaves_the_scores_as_they_were(
    registry: Registry, db: Connection, delivery: Path, later_delivery: Path
) -> None:
    score_users(registry.settings, described(registry.settings, delivery))
    before = scores(db)
    registry.promoted("best")
    run = described(registry.settings, later_delivery)
    # After the users' own file one that cannot be read.
    broken = snapshot(registry.settings, run) / "part-00001.parquet"
    broken.write_bytes(b"PAR1 and no more")
    with pytest.raises(duckdb.InvalidInputException, match="part-00001"):
        score_users(registry.settings, run)
    assert scores(db) == before

    broken.unlink()
    assert score_users(registry.settings, run).users == FEWER


def test_a_user_with_two_rows_leaves_the_scores_as_they_were(
    registry: Registry, db: Connection, delivery: Path
) -> None:
    run = described(registry.settings, delivery)
    score_users(registry.settings, run)
    before = scores(db)
    table = pd.read_parquet(snapshot(registry.settings, run))
    table.tail(1).to_parquet(snapshot(registry.settings, run) / "part-00001.parquet")
    with pytest.raises(psycopg.errors.UniqueViolation):
        score_users(registry.settings, run)
    assert scores(db) == before


@pytest.fixture
def reader(settings: Settings) -> Iterator[Connection]:
    """A connection in a transaction that holds one user's row."""
    with connect(settings, "reader") as connection:
        yield connection


def test_readers_see_all_scores_or_none_of_them(
    registry: Registry, db: Connection, reader: Connection, delivery: Path, later_delivery: Path
) -> None:
    score_users(registry.settings, described(registry.settings, delivery))
    before = scores(db)
    registry.promoted("best")
    run = described(registry.settings, later_delivery)
    last = max(expected(registry.settings, run, "2", "best"))
    reader.execute("SELECT FROM prod.bt_churn_scores WHERE user_id = %s FOR UPDATE", [last])
    with ThreadPoolExecutor(1) as other:
        scoring = other.submit(score_users, registry.settings, run)
        wait_until_blocked(db, scoring)
        assert scores(db) == before
        reader.rollback()
        scoring.result()
    assert scores(db) == expected(registry.settings, run, "2", "best")


def wait_until_blocked(db: Connection, scoring: Future[Scores]) -> None:
    """Return once the publication waits for somebody else's row."""
    blocked = (
        "SELECT pid FROM pg_stat_activity "
        "WHERE application_name LIKE 'kpi score_users%' AND wait_event_type = 'Lock'"
    )
    while not db.execute(blocked).fetchone():
        assert not scoring.done()
        time.sleep(0.01)
