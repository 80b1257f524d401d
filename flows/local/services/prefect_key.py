"""The key of Prefect's blocks under `kpi up`: a file of the home, and no part of its database."""

import os
from pathlib import Path

from flows.local.machine import read_text, write_private
from flows.platform.deployments.block_key import KEY, move_block_key


def keep_key_in(file: Path, database_url: str) -> dict[str, str]:
    """Return the variable with the key of Prefect's server, made in the file at the first start.

    A key that is in the environment is used, and none is made. Blocks that have the key of the
    database get this one. Call it while no server of Prefect runs. Raises KpiError when somebody's
    blocks have neither, BadInput when the key is none.
    """
    key = os.environ.get(KEY) or read_text(file)
    if not key:
        from cryptography.fernet import Fernet

        key = Fernet.generate_key().decode()
        write_private(file, key)
    move_block_key(database_url, key)
    return {KEY: key}
