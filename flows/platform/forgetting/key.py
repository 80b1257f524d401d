"""The key of the hashes: in the environment, or in a file of the home; never in a database."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from flows.errors import BadInput
from flows.settings import Settings

_ENOUGH = 32  # characters, as many as 128 bits in hexadecimal


def find_key(settings: Settings) -> bytes | None:
    """Return the key; None where none was made yet. Raises BadInput for one that is too short."""
    if settings.forget_key is not None:
        key = settings.forget_key.get_secret_value().encode()
    elif key_file(settings).is_file():
        key = key_file(settings).read_bytes().strip()
    else:
        return None
    if len(key) < _ENOUGH:
        raise BadInput(
            f"The key of forgotten people (KPI_FORGET_KEY) has fewer than {_ENOUGH} "
            "characters: take, for example, those of `openssl rand -hex 32`."
        )
    return key


def make_key(settings: Settings, *, shared: bool = False) -> bytes:
    """Return the key, made now where there is none, readable by its owner alone.

    Raises BadInput where the warehouse is shared with other homes, of which each would need this
    key, or where files are kept in S3, since the home folder then need not last.
    """
    if key := find_key(settings):
        return key
    if shared:
        raise BadInput(
            "Whoever stores deliveries in this warehouse needs the key of forgotten people, and "
            "there is none here: run kpi forget where the platform runs (in containers, in the "
            "service worker), or set KPI_FORGET_KEY as it is there. Nothing was changed."
        )
    if settings.storage == "s3":
        raise BadInput(
            "Forgetting needs a key that lasts: set KPI_FORGET_KEY to a secret of at least "
            f"{_ENOUGH} characters, the same wherever kpi runs. Nothing was changed."
        )
    path = key_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Never half written, and never another one: without it no hash says who was meant.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(f"{secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_bytes().strip()


def key_file(settings: Settings) -> Path:
    """The file of the key, where no setting has it."""
    return settings.home / "forgotten" / "key"


def key_id(key: bytes) -> str:
    """Return what tells one key from another, and nothing about it."""
    return hashlib.sha256(b"kpi forget key\0" + key).hexdigest()[:16]


def hash_by(key: bytes) -> Callable[[str], str]:
    """Return the function that hashes a user id by that key, as HMAC-SHA-256."""
    return lambda person: hmac.digest(key, person.encode(), "sha256").hex()
