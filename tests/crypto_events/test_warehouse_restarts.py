"""A warehouse that is away for a while in the midst of a run: the run waits, and goes on."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Timer

import pytest
from pydantic import SecretStr

from flows.crypto_events.pipeline import PIPELINE
from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.connection import connect
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows, prod
from tests.flow_runs import run_crypto_events
from tests.webhook import Webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api", "hook"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

# Longer than the pause before a second try: did that not wait, there would be a third.
AWAY_SECONDS = 6


@pytest.fixture
def own_server(tmp_path: Path, postgres_binaries: Path) -> Iterator[PostgresServer]:
    """A server that no other test uses."""
    server = PostgresServer(
        binaries=postgres_binaries, folder=tmp_path / "postgres", settings={"fsync": "off"}
    )
    server.start()
    yield server
    server.stop()


def test_a_run_goes_on_when_the_warehouse_is_back(
    own_server: PostgresServer, quick: Settings, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = own_server.url("postgres")
    monkeypatch.setenv("KPI_DATABASE_URL", url)
    settings = quick.model_copy(update={"database_url": SecretStr(url)})
    migrate(settings)
    with connect(settings, "test", autocommit=True) as db:
        add_rows(db, {})
    module = PIPELINE.step("notify_success").function.partition(":")[0]
    does = import_module(module).count_late_rows
    later = Timer(AWAY_SECONDS, own_server.start)

    def stop_and_do(*arguments: object) -> object:
        if not later.ident:
            own_server.stop()
            later.start()
        return does(*arguments)

    monkeypatch.setattr(f"{module}.count_late_rows", stop_and_do)
    ended = run_crypto_events(as_of=AS_OF, generate=False)
    later.join()

    assert ended.completed, ended.message
    assert ended.run_counts.pop("notify_success") == 2
    assert any("The warehouse is away: waiting for it" in log.message for log in ended.logs)
    with connect(settings, "test") as db:
        assert len(prod(db)) == 1
    assert ["1 inserted" in text for text in hook.texts] == [True]
