"""The key of blocks, where Prefect's API runs in this process: in a file beside its database."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from flows.platform.storage.block_key import block_key, take_key_out

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    # Prefect 3 starts a server, whose key is that of its environment.
    pytest.mark.in_process,
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


@pytest.fixture
def database() -> Path:
    """The file of the API's database."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    return Path(PREFECT_API_DATABASE_CONNECTION_URL.value().partition(":///")[2])


def save(name: str) -> None:
    from prefect.blocks.system import Secret

    asyncio.run(Secret(value="of the block")._save(name, overwrite=True))


def load(name: str) -> str:
    from prefect import get_client
    from prefect.blocks.system import Secret

    async def read() -> str:
        async with get_client() as client:
            document = await client.read_block_document_by_name(name, "secret")
        return str(Secret._from_block_document(document).get())

    return asyncio.run(read())


def holds(database: Path, key: bytes) -> bool:
    """Whether the key is in the database's file, or in what SQLite keeps beside it."""
    files = database.parent.glob(f"{database.name}*")
    return any(key in file.read_bytes() for file in files)


def test_a_block_is_read_with_a_key_that_is_not_in_its_database(database: Path) -> None:
    save("apart")

    assert load("apart") == "of the block"
    file = database.with_name("block.key")
    assert file.stat().st_mode & 0o777 == 0o600
    assert not holds(database, file.read_bytes().strip())
    with closing(sqlite3.connect(database)) as connection:
        (data,) = connection.execute(
            "SELECT data FROM block_document WHERE name = 'apart'"
        ).fetchone()
        kept = connection.execute("SELECT key FROM configuration").fetchall()
    assert ("ENCRYPTION_KEY",) not in kept
    assert b"of the block" in Fernet(block_key(database)).decrypt(json.loads(data))


def test_a_key_that_lay_in_the_database_is_taken_out(database: Path) -> None:
    save("older")
    before = Fernet.generate_key()
    encrypted = Fernet(before).encrypt(b'{"value": "of an older home"}').decode()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE block_document SET data = ? WHERE name = 'older'", [json.dumps(encrypted)]
        )
        connection.execute(
            "INSERT INTO configuration (id, created, updated, key, value)"
            " VALUES ('1', datetime(), datetime(), 'ENCRYPTION_KEY', ?)",
            [json.dumps({"fernet_key": before.decode()})],
        )
    assert holds(database, before)

    assert load("older") == "of an older home"
    assert not holds(database, before)


@pytest.mark.parametrize("content", [None, b"", b"no database at all"])
def test_what_prefect_has_not_made_yet_is_left_to_it(content: bytes | None, tmp_path: Path) -> None:
    database = tmp_path / "prefect.db"
    if content is not None:
        database.write_bytes(content)

    take_key_out(database)

    assert len(block_key(database)) == 44
    assert (database.read_bytes() if database.exists() else None) == content
