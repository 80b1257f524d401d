"""Which texts of Prefect's database are searched: all that may name somebody, in either kind."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from flows.local.postgres.prefect_layout import lay_out
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.forgetting.people import People
from flows.platform.forgetting.prefect_texts import (
    LEFT,
    SEARCHED,
    InPrefect,
    hide_in_prefect,
    numbers_in_prefect,
)
from flows.settings import Settings

pytestmark = [
    pytest.mark.xdist_group("prefect"),  # it shares Prefect's layout with others
    pytest.mark.in_process,  # whose layout is Prefect 2's
]

HER = People("4711")

# Why no text there names anybody.
HOLDS_NOBODY = {
    "agent": "programs that ask for runs, by names of their own",
    "alembic_version": "Prefect's version of the layout",
    "artifact": "names and kinds of reports, which the code gives",
    "artifact_collection": "the same",
    "automation": "actions that we declare, and nothing else",
    "automation_bucket": "what a trigger counts by: ids and names of resources",
    "automation_related_resource": "ids of deployments and pools",
    "block_document": "settings and secrets, encrypted",
    "block_document_reference": "fields of blocks",
    "block_schema": "fields of blocks",
    "block_schema_reference": "fields of blocks",
    "block_type": "kinds of blocks",
    "concurrency_limit": "tags and ids of runs",
    "concurrency_limit_v2": "names of limits",
    "configuration": "the server's own",
    "csrf_token": "tokens",
    "deployment": "entry points, schedules and schemas of prefect.yaml",
    "deployment_schedule": "schedules",
    "event_resources": "the part that a resource plays",
    "events": "names of events, and of what they are about by its id",
    "flow": "names of flows",
    "flow_run": "names of states, versions, pools, and what a process is started with",
    "flow_run_input": "keys, and ids of runs",
    "flow_run_notification_policy": "names of states",
    "flow_run_state": "names of states, ids of runs, and where a result lies, not what it says",
    "log": "names of loggers",
    "task_run": "names of steps, and which task's result is whose input",
    "task_run_state": "as of flow runs",
    "task_run_state_cache": "hashes",
    "work_pool": "what processes are started with",
    "work_queue": "names of queues",
    "worker": "names of workers",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with Prefect's own tables, as `kpi up` makes it."""
    folder = tmp_path_factory.mktemp("server") / "postgres"
    server = PostgresServer(binaries=wheel_binaries(), folder=folder, settings={"fsync": "off"})
    server.start()
    lay_out(server, "prefect_db")
    yield server.url("prefect_db")
    server.stop()


def test_every_text_is_searched_or_has_its_reason(address: str) -> None:
    with psycopg.connect(address) as connection:
        texts = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
            " AND data_type IN ('character varying', 'text', 'json', 'jsonb')"
        ).fetchall()
    looked_at = {
        (table, name) for each in (SEARCHED, LEFT) for table in each for name in each[table]
    }

    assert looked_at <= set(texts), "columns that this version of Prefect has"
    assert {table for table, name in set(texts) - looked_at} == set(HOLDS_NOBODY)


def test_texts_of_every_kind_lose_the_id_and_counts_stay(address: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    table = json.dumps([{"why": "user 4711 asked", "rows": 4711}])
    answer = json.dumps({"approve": True, "by": "Ana", "why": "4711 asked"})
    with psycopg.connect(address, autocommit=True) as connection:
        # One table at a time is looked at here.
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "INSERT INTO artifact (key, type, data, description)"
            " VALUES ('report', 'table', %s, 'approved: 4711 asked')",
            [json.dumps(table)],
        )
        connection.execute(
            "INSERT INTO flow_run_input (key, value, flow_run_id)"
            " VALUES ('paused-4711-response', %s, gen_random_uuid())",
            [answer],
        )
        # As Prefect tells of a run that failed.
        connection.execute(
            "INSERT INTO events (id, occurred, event, resource_id, resource, related_resource_ids,"
            " related, payload, received, recorded) VALUES (gen_random_uuid(), now(),"
            " 'prefect.flow-run.Failed', 'prefect.flow-run.1', '{}', '[\"prefect.tag.4711\"]',"
            ' \'[]\', \'{"validated_state": {"message": "Key (4711)"}}\', now(), now())'
        )
        connection.execute(
            "INSERT INTO variable (name, value, tags) VALUES ('zone', 'Etc/4711', '[]')"
        )

        assert "4711" in numbers_in_prefect(settings, address)
        would = hide_in_prefect(settings, address, HER, dry_run=True)
        assert hide_in_prefect(settings, address, HER, dry_run=False) == would == InPrefect(5, 1)
        assert hide_in_prefect(settings, address, HER, dry_run=False) == InPrefect(0, 1)

        kept = connection.execute("SELECT data, description FROM artifact").fetchall()
        answers = connection.execute("SELECT key, value FROM flow_run_input").fetchall()
        events = connection.execute("SELECT payload::text, related_resource_ids FROM events")
        told = str(events.fetchall())
        zones = connection.execute("SELECT value FROM variable WHERE name = 'zone'").fetchall()
    assert "Key (xxxx)" in told
    assert "4711" not in told
    ((data, description),) = kept
    assert json.loads(data) == [{"why": "user xxxx asked", "rows": 4711}]
    assert description == "approved: xxxx asked"
    ((key, value),) = answers
    assert (key, json.loads(value)["why"]) == ("paused-4711-response", "xxxx asked")
    assert zones == [("Etc/4711",)]
