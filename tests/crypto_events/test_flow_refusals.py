"""The flow crypto-events when it cannot run: refused in a sentence, before anything happens."""

import json

import pytest

from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import plan_run
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows, prod
from tests.flow_runs import run_crypto_events
from tests.webhook import Webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api", "hook"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


def test_a_second_run_is_told_who_holds_the_pipeline(
    quick: Settings, db: Connection, hook: Webhook
) -> None:
    add_rows(db, {})
    first = plan_run(quick, AS_OF)

    with pipeline_lock(quick, PIPELINE.name, first):
        ended = run_crypto_events(as_of=AS_OF)

    assert ended.failed
    assert ended.message.startswith(
        f"Another run holds crypto_events: {first.run_id} as of {AS_OF}, since "
    )
    assert ended.task_runs == []
    assert prod(db) == []
    assert ended.message in hook.texts[0]


@pytest.mark.parametrize(
    "wrong", [{"policy": "hope"}, {"max_reject_share": 2}, {"window_days": 0}, {"as_of": "soon"}]
)
def test_wrong_parameters_are_refused_before_anything_happens(
    wrong: dict[str, object], db: Connection
) -> None:
    from flows.crypto_events.flow import crypto_events

    state = crypto_events(**wrong, return_state=True)

    assert state.is_failed()
    assert "invalid parameters" in state.message
    assert next(iter(wrong)) in state.message
    assert db.execute("SELECT FROM dqm.bt_crypto_events_runs").fetchall() == []


def test_the_parameters_explain_themselves() -> None:
    from flows.crypto_events.flow import crypto_events

    properties = crypto_events.parameters.properties

    assert all(properties[name]["description"] for name in properties)
    assert list(properties) == [
        "as_of",
        "window_days",
        "policy",
        "max_reject_share",
        "allow_mass_deactivation",
        "accept_delivery",
        "full",
        "verify",
        "generate",
    ]
    assert "abort" in json.dumps(properties["policy"])
    assert properties["generate"]["type"] == "boolean"


def test_a_warehouse_that_does_not_answer_is_told_in_a_sentence(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://kpi:db-secret@127.0.0.1:1/none")

    ended = run_crypto_events(as_of=AS_OF)

    assert ended.failed
    assert ended.message.startswith("The warehouse cut the run short: connection failed")
    assert ended.message.endswith("No step is half done: run again, or try `kpi doctor`.")
    assert "Traceback" not in ended.everything
    assert "db-secret" not in ended.everything
    assert ended.message in hook.texts[0]
