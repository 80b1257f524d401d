"""The key of the blocks that Prefect keeps in an SQLite file: in a file of its own beside it."""

import base64
import json
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

_BESIDE = "SELECT value FROM configuration WHERE key = 'ENCRYPTION_KEY'"
_FORGET = "DELETE FROM configuration WHERE key = 'ENCRYPTION_KEY'"
_PATIENCE_SECONDS = 60


def block_key(database: Path) -> bytes:
    """Return the key of the database's blocks; the first call makes it, for the owner's eyes."""
    file = database.with_name("block.key")
    with suppress(FileNotFoundError):
        return file.read_bytes().strip()
    temporary = file.with_name(f".{file.name}.{uuid4().hex[:8]}")
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as new:
        new.write(base64.urlsafe_b64encode(os.urandom(32)) + b"\n")
        new.flush()
        os.fsync(new.fileno())
    try:
        # Never another one: who was first has encrypted with it.
        with suppress(FileExistsError):
            os.link(temporary, file)
    finally:
        temporary.unlink()
    return file.read_bytes().strip()


def take_key_out(database: Path) -> None:
    """Encrypt the blocks with the key of the file, where another one lies in the database.

    That one is deleted. Killed at any place, the next call does it. Does nothing where no database
    is yet; a block that neither key reads stays as it is.
    """
    key = block_key(database)
    if not database.exists():
        return
    # It commits each statement that is in no transaction.
    with closing(
        sqlite3.connect(database, timeout=_PATIENCE_SECONDS, isolation_level=None)
    ) as connection:
        try:
            beside = connection.execute(_BESIDE).fetchone()
        except sqlite3.DatabaseError:  # Prefect has not made its tables yet, or says what is wrong
            return
        if beside:
            _encrypt_anew(connection, key, json.loads(beside[0])["fernet_key"])


def _encrypt_anew(connection: sqlite3.Connection, key: bytes, beside: str) -> None:
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet

    keys = MultiFernet([Fernet(key), Fernet(beside)])
    # The bytes of what is deleted go as well.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("BEGIN IMMEDIATE")
    blocks = connection.execute("SELECT id, data FROM block_document").fetchall()
    for block_id, data in blocks:
        text = json.loads(data)
        if isinstance(text, str):
            with suppress(InvalidToken):
                anew = json.dumps(keys.rotate(text).decode())
                connection.execute(
                    "UPDATE block_document SET data = ? WHERE id = ?", [anew, block_id]
                )
    connection.execute(_FORGET)
    connection.execute("COMMIT")
    # What the write-ahead log still holds of it.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
