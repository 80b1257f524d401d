"""The key of Prefect's blocks: in the environment, and no longer beside what it protects."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row

from flows.errors import BadInput, KpiError, a_few
from flows.platform.deployments.crash_automation import WEBHOOK
from flows.platform.orchestration.blocks import RESULTS, S3, WAREHOUSE
from flows.platform.warehouse.connection import execute, table_exists

_OURS = (WAREHOUSE, S3, RESULTS, WEBHOOK)

KEY = "PREFECT_SERVER_ENCRYPTION_KEY"


@dataclass(frozen=True)
class Moved:
    """How many blocks have the key now, and which were deleted because none fits them."""

    encrypted: int
    deleted: list[str]


def move_block_key(database_url: str, key: str, *, forget_unreadable: bool = False) -> Moved:
    """Encrypt the blocks of Prefect's database with the key, and delete the key that lies there.

    Call it while no server of Prefect runs. Blocks of ours that neither key reads are deleted,
    because `kpi deploy` makes them again; those of others only if told to, else KpiError names
    them and nothing is changed. Raises BadInput for a key that is none.
    """
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet

    try:
        given = Fernet(key)
    except ValueError:
        raise BadInput(f"{KEY} is no key: it is 32 random bytes as URL-safe base64.") from None
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        if not table_exists(connection, "block_document"):
            return Moved(0, [])
        beside = execute(connection, "platform/deployments/key_beside_blocks.sql").fetchone()
        keys = MultiFernet([given, Fernet(beside["key"])] if beside else [given])
        encrypted, unreadable = 0, []
        for block in execute(connection, "platform/deployments/encrypted_blocks.sql").fetchall():
            try:
                anew = keys.rotate(block["data"]).decode()
            except InvalidToken:
                unreadable.append(block)
                continue
            encrypted += 1
            execute(
                connection,
                "platform/deployments/write_block.sql",
                {"id": block["id"], "data": anew},
            )
        names = [str(block["name"]) for block in unreadable]
        others = [name for name in names if name.partition("/")[2] not in _OURS]
        if others and not forget_unreadable:
            raise KpiError(
                f"Prefect's blocks {a_few(others)} were encrypted with another key than "
                f"{KEY}. Set that of the machine that made them, or delete them: "
                "kpi prepare prefect --forget-unreadable. Nothing was changed."
            )
        for block in unreadable:
            execute(connection, "platform/deployments/delete_block.sql", {"id": block["id"]})
        execute(connection, "platform/deployments/forget_key_beside_blocks.sql")
    return Moved(encrypted, names)
