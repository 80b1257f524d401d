"""Two runs never interleave: one goes on, the other is told who holds the pipeline."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import WindowRun, plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.errors import DataRejected, KpiError, PipelineBusy
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows, prod, run_every_step


def test_the_second_run_is_told_who_holds_the_pipeline(quick: Settings) -> None:
    first, second = plan_run(quick, AS_OF), plan_run(quick, AS_OF)
    with (
        pipeline_lock(quick, PIPELINE.name, first),
        pytest.raises(
            PipelineBusy,
            match=rf"^Another run holds crypto_events: {first.run_id} as of {AS_OF}, since "
            r".* Wait for it to end, then run again\.$",
        ),
        pipeline_lock(quick, PIPELINE.name, second),
    ):
        pytest.fail("both runs hold the pipeline")
    with pipeline_lock(quick, PIPELINE.name, second):
        pass  # free again


def test_between_its_steps_a_run_keeps_the_pipeline(quick: Settings) -> None:
    first = plan_run(quick, AS_OF, run_id="crypto_events_dag/manual__1")
    second = plan_run(quick, AS_OF)
    with pipeline_lock(quick, PIPELINE.name, first, seconds_to_next_step=600):
        pass
    with (
        pytest.raises(
            PipelineBusy,
            match=rf"^Another run holds crypto_events: crypto_events_dag/manual__1 as of {AS_OF}, "
            r"between two of its steps, since .* Wait for it to end, then run again\.$",
        ),
        pipeline_lock(quick, PIPELINE.name, second),
    ):
        pytest.fail("both runs hold the pipeline")
    with pipeline_lock(quick, PIPELINE.name, first):
        pass  # its last step
    with pipeline_lock(quick, PIPELINE.name, second):
        pass  # free again


def test_a_run_that_does_not_go_on_in_time_is_taken_for_gone(
    quick: Settings, db: Connection
) -> None:
    with pipeline_lock(quick, PIPELINE.name, plan_run(quick, AS_OF), seconds_to_next_step=600):
        pass
    db.execute("UPDATE dqm.pipeline_holds SET held_until = now()")
    with pipeline_lock(quick, PIPELINE.name, plan_run(quick, AS_OF)):
        pass


@pytest.mark.parametrize(
    ("error", "kept"), [(DataRejected("bad"), False), (psycopg.OperationalError("gone"), True)]
)
def test_a_failed_step_keeps_the_pipeline_only_for_another_try(
    error: Exception, kept: bool, quick: Settings, db: Connection
) -> None:
    run = plan_run(quick, AS_OF)
    for _ in range(2):
        with (
            pytest.raises(type(error)),
            pipeline_lock(quick, PIPELINE.name, run, seconds_to_next_step=600),
        ):
            raise error
    holds = db.execute("SELECT run_id FROM dqm.pipeline_holds").fetchall()
    assert holds == ([{"run_id": run.run_id}] if kept else [])


def test_another_pipeline_is_not_in_the_way(quick: Settings) -> None:
    run = plan_run(quick, AS_OF)
    with pipeline_lock(quick, PIPELINE.name, run), pipeline_lock(quick, "churn_training", run):
        pass


def test_of_two_whole_runs_at_once_one_publishes(quick: Settings, db: Connection) -> None:
    add_rows(db, *({"user_id": str(number)} for number in range(1, 101)))
    start, end = Barrier(2), Barrier(2)

    def whole_run(_: int) -> str:
        run = plan_run(quick, AS_OF)
        start.wait()
        try:
            with pipeline_lock(quick, PIPELINE.name, run):
                run_every_step(quick, run)
                end.wait()  # until the other one has been refused
                return "published"
        except PipelineBusy:
            end.wait()
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(whole_run, range(2))) == ["published", "refused"]
    assert [row["user_id"] for row in prod(db)] == [*range(1, 101)]
    published = db.execute("SELECT inserted_rows FROM dqm.bt_crypto_events_runs").fetchall()
    assert published == [{"inserted_rows": 100}]


def test_steps_without_the_pipelines_lock_never_mix(quick: Settings, db: Connection) -> None:
    """Whatever the two get to do, what is staged in the end belongs to one of them."""
    add_rows(db, *({"user_id": str(number)} for number in range(1, 1001)))
    runs = [plan_run(quick, AS_OF), plan_run(quick, AS_OF, window_days=1)]
    start = Barrier(2)

    def build(run: WindowRun) -> str:
        start.wait()
        try:
            return str(build_events_candidate(quick, run).candidate_rows)
        except PipelineBusy:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(build, runs))
    assert "1000" in outcomes
    assert set(outcomes) <= {"1000", "refused"}
    assert db.execute("SELECT * FROM staging.bt_crypto_events_window").rowcount == 1000
    for run in runs:
        with pytest.raises(KpiError):
            merge_to_prod(quick, run)
    assert prod(db) == []
