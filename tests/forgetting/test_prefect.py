"""What Prefect keeps of a run: results and texts of its database lose the id, counts stay."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from flows.errors import KpiError
from flows.forgetting.home import forget_in_home
from flows.forgetting.prefect import forget_in_prefect, result_without_people
from flows.forgetting.trace import Trace, by_place
from flows.local.postgres.prefect_layout import lay_out
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.forgetting.people import People
from flows.platform.storage.layout import run_results
from flows.settings import Settings

# It shares Prefect's layout with others.
pytestmark = pytest.mark.xdist_group("prefect")

HER = People("7")


@pytest.fixture
def prefects(tmp_path: Path) -> Iterator[str]:
    """The address of a database with Prefect's own tables, as `kpi up` makes it."""
    server = PostgresServer(
        binaries=wheel_binaries(), folder=tmp_path / "postgres", settings={"fsync": "off"}
    )
    server.start()
    lay_out(server, "prefect_db")
    url = server.url("prefect_db")
    with psycopg.connect(url) as connection:
        # Prefect 3 makes its tables in a server that it starts.
        for table in ("log", "flow_run_state", "task_run_state"):
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (name text, level int, message text,"
                " timestamp timestamptz)".encode()
            )
    yield url
    server.stop()


def test_logs_of_a_server_lose_the_id(prefects: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "kpi", prefect_database_url=SecretStr(prefects))
    with psycopg.connect(prefects, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO log (name, level, message, timestamp)"
            " VALUES ('flow', 40, 'Key (user_id)=(7) is duplicated', now())"
        )

        assert by_place(forget_in_prefect(settings, HER, dry_run=True)) == [
            Trace("Prefect's database", 1, "made nameless")
        ]
        forget_in_prefect(settings, HER, dry_run=False)

        messages = connection.execute("SELECT message FROM log").fetchall()
    assert messages == [("Key (user_id)=(x) is duplicated",)]


def test_a_database_that_is_none_of_prefect_is_told(settings: Settings) -> None:
    another = settings.model_copy(update={"prefect_database_url": settings.database_url})
    with pytest.raises(KpiError, match="Prefect's database was not searched: it has no"):
        forget_in_prefect(another, HER, dry_run=False)


def test_texts_lose_the_id_and_counts_stay() -> None:
    held = {"rows": 7, "messages": ["Failing row contains (7, BTC)", "2026-07-07"]}
    stored = json.dumps({"serializer": {"type": "json"}, "data": json.dumps(held)}).encode()

    content, found = result_without_people(stored, HER)

    assert found == 1
    assert json.loads(json.loads(content)["data"]) == {
        "rows": 7,
        "messages": ["Failing row contains (x, BTC)", "2026-07-07"],
    }
    assert result_without_people(stored, People("8")) == (stored, 0)


def test_a_result_that_cannot_be_searched_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "kpi")
    results = run_results(settings)
    results.mkdir(parents=True)
    (results / "0a").write_bytes(b"\x80\x05\x95pickled")
    (results / "0b").write_text(json.dumps({"message": "user 7"}))

    with pytest.raises(KpiError, match="0a cannot be searched: it is no result of ours in JSON"):
        forget_in_home(settings, HER, dry_run=False)

    assert json.loads((results / "0b").read_text()) == {"message": "user x"}
    (results / "0a").unlink()
    assert by_place(forget_in_home(settings, HER, dry_run=False)) == []


def test_it_is_counted_alone_in_a_dry_run(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "kpi")
    result = run_results(settings) / "0b"
    result.parent.mkdir(parents=True)
    result.write_text(json.dumps(["user 7"]))

    found = by_place(forget_in_home(settings, HER, dry_run=True))

    assert found == [Trace("kpi/artifacts/kpi-runs/", 1, "made nameless")]
    assert json.loads(result.read_text()) == ["user 7"]
