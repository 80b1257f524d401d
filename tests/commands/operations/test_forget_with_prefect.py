"""`kpi forget` and the Prefect server of `kpi up`: its database lies with the warehouse."""

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from flows.local.postgres.prefect_layout import PREFECT_DATABASE, lay_out
from flows.local.postgres.shared import embedded_server, running_warehouse
from flows.settings import Settings, load_settings

pytestmark = [
    pytest.mark.xdist_group("prefect"),  # it shares Prefect's layout with others
    pytest.mark.in_process,  # whose layout is Prefect 2's
]


@pytest.fixture
def home() -> Iterator[Settings]:
    """A home whose embedded server holds what Prefect's server kept; nothing runs any more."""
    settings = load_settings()
    with running_warehouse(settings):
        server = embedded_server(settings)
        lay_out(server, PREFECT_DATABASE)
        with psycopg.connect(server.url(PREFECT_DATABASE)) as connection:
            connection.execute(
                "INSERT INTO log (name, level, message, timestamp)"
                " VALUES ('x', 40, 'Key (4711) is duplicated', now())"
            )
    yield settings
    shutil.rmtree(settings.home, ignore_errors=True)


def test_it_is_searched_while_nothing_runs(home: Settings, kpi: Callable[..., Any]) -> None:
    def told(*arguments: str) -> list[Any]:
        said = kpi("forget", "4711", *arguments, "--format", "json")
        assert said.code == 0, said.err
        return [row["done"] for row in json.loads(said.out) if row["place"] == "Prefect's database"]

    assert told("--dry-run") == ["would be made nameless"]
    assert told("--why", "asked for it") == ["made nameless"]
    assert told("--dry-run") == []
    with running_warehouse(home):
        address = embedded_server(home).url(PREFECT_DATABASE)
        with psycopg.connect(address) as connection:
            kept = connection.execute("SELECT message FROM log").fetchall()
    assert kept == [("Key (xxxx) is duplicated",)]
