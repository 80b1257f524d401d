"""A declared pipeline as a Prefect flow: its form, and the names of its runs."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.platform.pipeline.declaration import Parameter, Pipeline, Step
from tests.s3_endpoint import s3_endpoint

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

PIPELINE = Pipeline(
    "an_example",
    plan=f"{__name__}:plan",
    steps=(Step(f"{__name__}:step", "Does something"),),
    parameters=(
        Parameter("as_of", date, "The day; empty means today.", when_left_out="today"),
        Parameter("share", float, "How much.", minimum=0, maximum=1),
        Parameter("kind", str, "Which one.", choices=("this", "that")),
        Parameter("folder", Path, "Where."),
        Parameter("test", bool, "Whether it counts.", default=False, run_label="TEST"),
    ),
)


def form() -> dict[str, Any]:
    from prefect.utilities.callables import parameter_schema

    from flows.platform.orchestration.managed_flow import managed_flow

    @managed_flow(PIPELINE)
    def an_example(step: object) -> None:
        """Do something."""

    fields: dict[str, Any] = parameter_schema(an_example).dict()["properties"]
    return fields


def test_the_form_is_the_declaration() -> None:
    fields = form()
    assert {name: field["description"] for name, field in fields.items()} == {
        parameter.name: parameter.summary for parameter in PIPELINE.parameters
    }
    assert {name: field["default"] for name, field in fields.items()} == {
        parameter.name: parameter.default for parameter in PIPELINE.parameters
    }
    [share, _] = fields["share"]["anyOf"]
    assert (share["type"], share["minimum"], share["maximum"]) == ("number", 0, 1)
    assert fields["as_of"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert fields["kind"]["anyOf"][0]["enum"] == ["this", "that"]
    assert fields["folder"]["anyOf"][0] == {"type": "string"}
    assert fields["test"]["type"] == "boolean"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "an-example as of today"),
        ({"as_of": date(2026, 6, 30)}, "an-example as of 2026-06-30"),
        ({"test": True}, "an-example as of today, TEST"),
    ],
)
def test_a_run_is_named_after_its_day_and_its_label(
    given: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.platform.orchestration import managed_flow

    monkeypatch.setattr(managed_flow.flow_run, "get_parameters", lambda: given, raising=False)
    named = managed_flow._run_name(PIPELINE)
    assert named is not None
    assert named() == name


def test_a_flow_without_a_day_is_named_by_prefect() -> None:
    from flows.platform.orchestration.managed_flow import _run_name

    assert _run_name(Pipeline("watchdog", steps=(), plan="")) is None


def test_its_version_is_that_of_the_file_with_the_steps() -> None:
    from prefect.utilities.hashing import file_hash

    from flows.crypto_events.flow import crypto_events
    from flows.paths import REPOSITORY

    assert crypto_events.version == file_hash(str(REPOSITORY / "flows/crypto_events/flow.py"))
    assert (crypto_events.fn.__module__, crypto_events.fn.__name__) == (
        "flows.crypto_events.flow",
        "crypto_events",
    )


def test_without_the_bucket_of_its_results_no_step_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flows.platform.orchestration.managed_run import managed_run

    with s3_endpoint() as s3:
        assert s3.secret_access_key
        monkeypatch.setenv("KPI_STORAGE", "s3")
        monkeypatch.setenv("KPI_S3__ENDPOINT_URL", str(s3.endpoint_url))
        monkeypatch.setenv("KPI_S3__ACCESS_KEY_ID", str(s3.access_key_id))
        monkeypatch.setenv("KPI_S3__SECRET_ACCESS_KEY", s3.secret_access_key.get_secret_value())
        monkeypatch.setenv("KPI_S3__RUNS_BUCKET", "deleted-in-the-ui")
        taken: list[object] = []
        ended = managed_run(PIPELINE, taken.append, {})
    assert not isinstance(ended, dict)
    assert ended.is_failed()
    assert str(ended.message).startswith("There is no bucket deleted-in-the-ui in http://127")
    assert taken == []
