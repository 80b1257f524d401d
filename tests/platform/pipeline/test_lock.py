"""The lock's connection may be cut: what is done stays done, and two runs never mix."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest

from flows.errors import PipelineBusy
from flows.platform.pipeline import lock
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

PIPELINE = "crypto_events"
RUN = Run(as_of=date(2025, 3, 10), run_id="the-first")
OTHER = Run(as_of=date(2025, 3, 10), run_id="the-second")


def cut(db: Connection) -> None:
    """End the connections of the first run, as a load balancer or an administrator does."""
    ended = db.execute(
        "SELECT pg_terminate_backend(pid, 10000) AS ended FROM pg_stat_activity"
        " WHERE application_name LIKE '%run=the-first'"
    ).fetchall()
    assert ended == [{"ended": True}]


def test_what_is_done_is_done(
    settings: Settings, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with pipeline_lock(settings, PIPELINE, RUN):
        cut(db)
    assert "The connection that holds crypto_events was cut: taken again." in caplog.messages
    with pipeline_lock(settings, PIPELINE, OTHER):
        pass


def test_what_is_done_is_done_even_if_another_run_began(
    settings: Settings, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with pipeline_lock(settings, PIPELINE, RUN):
        cut(db)
        other = pipeline_lock(settings, PIPELINE, OTHER)
        other.__enter__()
    [warning] = [found for found in caplog.messages if "was lost, after all was done" in found]
    assert "Another run holds crypto_events: the-second as of 2025-03-10, since" in warning
    other.__exit__(None, None, None)


def test_a_lock_that_was_cut_is_taken_again(settings: Settings, db: Connection) -> None:
    with pipeline_lock(settings, PIPELINE, RUN) as held:
        held.check()
        cut(db)
        held.check()
        with (
            pytest.raises(PipelineBusy, match="the-first as of 2025-03-10, since"),
            pipeline_lock(settings, PIPELINE, OTHER),
        ):
            pass


def test_a_run_goes_no_further_where_another_took_its_place(
    settings: Settings, db: Connection
) -> None:
    def go_on() -> None:
        with pipeline_lock(settings, PIPELINE, RUN) as held:
            cut(db)
            with pipeline_lock(settings, PIPELINE, OTHER):
                held.check()

    with pytest.raises(PipelineBusy, match="the-second as of 2025-03-10, since"):
        go_on()


def test_a_run_that_lost_its_place_leaves_the_pipeline_to_who_has_it(
    settings: Settings, db: Connection
) -> None:
    def lose_it() -> None:
        with pipeline_lock(settings, PIPELINE, RUN) as held:
            cut(db)
            with pipeline_lock(settings, PIPELINE, OTHER, seconds_to_next_step=600):
                pass
            held.check()

    with pytest.raises(PipelineBusy, match="the-second"):
        lose_it()
    third = Run(as_of=RUN.as_of, run_id="the-third")
    with (
        pytest.raises(PipelineBusy, match=r"the-second .* between two of its steps"),
        pipeline_lock(settings, PIPELINE, third),
    ):
        pass


def test_the_pipeline_is_kept_for_the_next_step_by_a_new_connection(
    settings: Settings, db: Connection
) -> None:
    with pipeline_lock(settings, PIPELINE, RUN, seconds_to_next_step=600):
        cut(db)
    assert db.execute("SELECT run_id FROM dqm.pipeline_holds").fetchall() == [
        {"run_id": "the-first"}
    ]


def test_the_whole_id_of_the_holder_is_told_and_what_is_cut_until_it_is_written(
    settings: Settings, db: Connection
) -> None:
    long = Run(as_of=date(2025, 3, 10), run_id=f"crypto_events_dag/manual__{'2025-03-10' * 9}")

    def refused() -> str:
        with (
            pytest.raises(PipelineBusy) as busy,
            pipeline_lock(settings, PIPELINE, OTHER),
        ):
            pass
        return str(busy.value)

    with pipeline_lock(settings, PIPELINE, long):
        assert f"{long.run_id} as of 2025-03-10, since" in refused()
        db.execute("UPDATE dqm.pipeline_holds SET run_id = 'one-before'")
        assert "kpi crypto_events as_of=2025-03-10 run=crypto_events_dag/manual" in refused()


def test_a_killed_step_leaves_the_pipeline_to_its_run(settings: Settings, db: Connection) -> None:
    with pipeline_lock(settings, PIPELINE, RUN, seconds_to_next_step=600):
        pass
    killed = pipeline_lock(settings, PIPELINE, RUN)
    killed.__enter__()
    cut(db)
    with (
        pytest.raises(PipelineBusy, match="the-first as of 2025-03-10, between two of its steps"),
        pipeline_lock(settings, PIPELINE, OTHER),
    ):
        pass
    killed.__exit__(None, None, None)


def test_a_run_waits_until_its_own_killed_process_is_missed(
    settings: Settings, db: Connection
) -> None:
    killed = pipeline_lock(settings, PIPELINE, RUN)
    killed.__enter__()
    with ThreadPoolExecutor(1) as elsewhere:
        asked = db.execute("SELECT clock_timestamp() AS since").fetchone()
        tried_again = elsewhere.submit(hold_once, settings, RUN)
        while not (tried_again.done() or db.execute(CONNECTED_SINCE, asked).fetchone()):
            time.sleep(0.01)
        db.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks"
            " WHERE relation = 'locks.crypto_events'::regclass"
        )
        tried_again.result()
    killed.__exit__(None, None, None)


CONNECTED_SINCE = """
    SELECT pid FROM pg_stat_activity
    WHERE application_name LIKE '%%run=the-first' AND backend_start > %(since)s"""


def hold_once(settings: Settings, run: Run) -> None:
    with pipeline_lock(settings, PIPELINE, run):
        pass


def test_a_run_whose_other_process_lives_is_busy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_NOTICED_IN_SECONDS", 0.2)
    with (
        pipeline_lock(settings, PIPELINE, RUN),
        pytest.raises(PipelineBusy, match="the-first as of 2025-03-10, since"),
    ):
        hold_once(settings, RUN)


def test_the_first_error_is_the_one_that_is_raised(settings: Settings, db: Connection) -> None:
    def fail() -> None:
        with pipeline_lock(settings, PIPELINE, RUN):
            cut(db)
            raise ValueError("this came first")

    with pytest.raises(ValueError, match="this came first"):
        fail()


def test_a_run_at_work_keeps_its_lock_without_a_snapshot(
    settings: Settings, db: Connection
) -> None:
    """VACUUM removes what other transactions leave, and the server does not end the idle one."""
    short = settings.model_copy(update={"statement_timeout_seconds": 1})
    with pipeline_lock(short, PIPELINE, RUN) as held:
        db.execute("SELECT pg_sleep(1.5)")
        held.check()
        idle = db.execute(
            "SELECT state, backend_xid, backend_xmin FROM pg_stat_activity"
            " WHERE application_name LIKE '%run=the-first'"
        ).fetchall()
        assert idle == [{"state": "idle in transaction", "backend_xid": None, "backend_xmin": None}]


def test_connections_keep_themselves_alive(db: Connection) -> None:
    parameters = db.info.get_parameters()
    assert {name: parameters[name] for name in parameters if name.startswith("keepalives_")} == {
        "keepalives_idle": "60",
        "keepalives_interval": "10",
        "keepalives_count": "6",
    }
    assert isinstance(db, psycopg.Connection)
