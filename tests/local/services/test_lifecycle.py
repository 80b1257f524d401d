"""Services that take their time to start, on a machine that is slow or busy."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from flows.commands.operations.platform import Progress
from flows.errors import KpiError
from flows.local.services import lifecycle
from flows.local.services.lifecycle import ServiceHealth, start_platform
from flows.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "kpi", patience_seconds=1)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[Iterator[str]], None]:
    """Lets each look at a service find the next of these states; nothing is really started."""

    class Quiet:
        pid = None

        def start(self, *_: object) -> None: ...
        def shut_down(self) -> None: ...
        def start_service(self, name: str) -> None: ...
        def runs(self, name: str) -> bool:
            return False

        def states(self) -> dict[str, str]:
            return {}

    class Warehouse:
        def __enter__(self) -> Settings:
            return settings

        def __exit__(self, *_: object) -> None: ...

    def use(states: Iterator[str]) -> None:
        def look(settings: Settings, name: str, state: str) -> ServiceHealth:
            found = next(states)
            log = settings.home / "service.log"
            return ServiceHealth(name, name.title(), found, found == "WELL", None, None, log)

        monkeypatch.setattr(lifecycle, "_health_of", look)

    monkeypatch.setattr(lifecycle, "platform_supervisor", lambda _: Quiet())
    monkeypatch.setattr(lifecycle, "running_warehouse", lambda _: Warehouse())
    monkeypatch.setattr(lifecycle, "migrate", lambda _: None)
    return use


def start(settings: Settings, *names: str) -> list[str]:
    """Start these services; return what was told."""
    told: list[str] = []
    start_platform(settings, names, lambda _: None, lambda found: told.append(found.name), print)
    return told


def test_a_slow_service_is_waited_for(
    settings: Settings, answers: Callable[[Iterator[str]], None]
) -> None:
    answers(iter(["STARTING", "STARTING", "WELL"]))

    assert start(settings, "mlflow") == ["mlflow"]


def test_when_patience_ends_it_is_said_what_to_do(
    settings: Settings, answers: Callable[[Iterator[str]], None]
) -> None:
    answers(iter(lambda: "STARTING", ""))

    with pytest.raises(KpiError, match=r"Mlflow is not well after 1 s.*set KPI_PATIENCE_SECONDS"):
        start(settings, "mlflow")


def test_a_service_that_was_given_up_ends_it_at_once(
    settings: Settings, answers: Callable[[Iterator[str]], None]
) -> None:
    answers(iter(["STARTING", "FATAL"]))

    with pytest.raises(KpiError, match="Mlflow does not start"):
        start(settings, "mlflow")


def test_what_takes_long_is_told_ever_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 6.0, 7.0, 11.0, 12.0, 25.0])
    monkeypatch.setattr("flows.commands.operations.platform.time.monotonic", lambda: next(now))
    output = StringIO()
    console = Console(file=output)
    status = console.status("Starting ...")
    monkeypatch.setattr(status, "update", lambda _: None)

    progress = Progress(console, status)
    for _ in range(6):
        progress.tell("MLflow")

    assert output.getvalue().splitlines() == [
        f"Still starting ({seconds} s): MLflow ..." for seconds in (6, 11, 25)
    ]


def test_a_platform_of_another_version_is_to_be_stopped_first(
    settings: Settings, answers: Callable[[Iterator[str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Older:
        pid = 1

        def is_of_this_version(self) -> bool:
            return False

    monkeypatch.setattr(lifecycle, "platform_supervisor", lambda _: Older())
    with pytest.raises(KpiError, match=r"another version of the code\. Run `kpi down`, then"):
        start(settings, "mlflow")
