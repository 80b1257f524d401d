"""The log of a run is a file that is kept; whatever hinders it fails nothing."""

import logging
from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.local.machine import LOOPBACK, free_port
from flows.platform.orchestration.run_logs import recorded_log
from flows.platform.storage import object_store
from flows.platform.storage.layout import run_log
from flows.settings import Settings
from flows.settings.servers import S3Settings
from tests.s3_endpoint import content, s3_endpoint

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
]

step = logging.getLogger("flows.a_step")


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """Settings that keep files in a folder."""
    return Settings(home=tmp_path)


def log_of(settings: Settings) -> str:
    return run_log(settings, "a-flow", "1").read_text(encoding="utf-8")


def test_a_run_that_is_tried_again_adds_to_its_log(local: Settings) -> None:
    for text in ("first: ñ", "second"):
        with recorded_log(local, "a-flow", "1"):
            step.warning(text)
        step.warning("outside")
    first, second = log_of(local).splitlines()
    assert first.endswith("| WARNING | flows.a_step - first: ñ")
    assert second.endswith("second")


def test_a_sentence_ends_the_log_and_anything_else_shows_its_place(local: Settings) -> None:
    with pytest.raises(KpiError), recorded_log(local, "a-flow", "1"):
        raise KpiError("3 rows are bad.")
    assert log_of(local).endswith("flows.platform.orchestration.run_logs - 3 rows are bad.\n")
    with pytest.raises(ZeroDivisionError), recorded_log(local, "a-flow", "1"):
        raise ZeroDivisionError
    assert "Traceback" in log_of(local)
    assert log_of(local).endswith("ZeroDivisionError\n")


def test_the_log_of_a_failed_run_is_uploaded(tmp_path: Path) -> None:
    with s3_endpoint("kpi-runs") as s3:
        settings = Settings(home=tmp_path, storage="s3", s3=s3)
        with pytest.raises(KpiError), recorded_log(settings, "a-flow", "1"):
            raise KpiError("3 rows are bad.")
        assert b"3 rows are bad." in content(s3, "kpi-runs")["logs/a-flow/1.log"]


def test_a_log_that_cannot_be_uploaded_is_told_and_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "_TRIES", 1)
    s3 = S3Settings(endpoint_url=f"http://{LOOPBACK}:{free_port()}")
    settings = Settings(home=tmp_path, storage="s3", s3=s3)
    with recorded_log(settings, "a-flow", "1"):
        step.warning("done")
    assert "done" in log_of(settings)
    (told,) = [record.message for record in caplog.records if record.name.endswith("run_logs")]
    assert told.startswith(f"The run's log stays in {run_log(settings, 'a-flow', '1')} only: ")


def test_a_log_that_cannot_be_written_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "artifacts").write_text("in the way", encoding="utf-8")
    with recorded_log(Settings(home=tmp_path), "a-flow", "1"):
        step.warning("done")
    assert "The run's log cannot be written: [Errno 20] Not a directory" in caplog.text
