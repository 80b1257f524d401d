"""The secrets: how each is made, and what an own one has to look like."""

import base64
import binascii
import re
import secrets
from collections.abc import Callable
from typing import NamedTuple

SHORTEST = 12
SHORTEST_JWT_SECRET = 64
FERNET_KEY_BYTES = 32

_NO_REASON_TO_ESCAPE = re.compile(r"[A-Za-z0-9_-]*")
_PRINTABLE_UNQUOTED = re.compile(r"[!-~]*")


class Secret(NamedTuple):
    """How a secret is made, and what is wrong with an own value: the end of a sentence, or None."""

    generate: Callable[[], str]
    fault: Callable[[str], str | None]


def _password() -> str:
    # Hexadecimal: one that began with "-" would be taken for an option.
    return secrets.token_hex(20)


def _jwt_secret() -> str:
    return secrets.token_hex(SHORTEST_JWT_SECRET // 2)


def _fernet_key() -> str:
    key = base64.urlsafe_b64encode(secrets.token_bytes(FERNET_KEY_BYTES)).decode()
    # One in 64 begins with "-", and would be taken for an option.
    return _fernet_key() if key.startswith("-") else key


def _too_short(value: str, least: int) -> str | None:
    return f"needs at least {least} signs" if len(value) < least else None


def _password_fault(value: str, least: int = SHORTEST) -> str | None:
    if not _NO_REASON_TO_ESCAPE.fullmatch(value):
        return "may only have letters, digits, - and _, because it stands in addresses"
    return _too_short(value, least)


def _jwt_secret_fault(value: str) -> str | None:
    return _password_fault(value, SHORTEST_JWT_SECRET)


def _s3_secret_fault(value: str) -> str | None:
    if not _PRINTABLE_UNQUOTED.fullmatch(value) or set(value) & set("$'\"`\\"):
        return "may have every printable sign but $, \\, quotes and blanks"
    return _too_short(value, SHORTEST)


def _fernet_key_fault(value: str) -> str | None:
    try:
        key = base64.b64decode(value, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != FERNET_KEY_BYTES:
        return f"has to be {FERNET_KEY_BYTES} bytes as URL-safe base64"
    return None


_IN_ADDRESSES = Secret(_password, _password_fault)

SECRETS = {
    "POSTGRES_PASSWORD": _IN_ADDRESSES,
    "CRYPTO_DB_PASSWORD": _IN_ADDRESSES,
    "MLFLOW_DB_PASSWORD": _IN_ADDRESSES,
    "PREFECT_DB_PASSWORD": _IN_ADDRESSES,
    "AIRFLOW_DB_PASSWORD": _IN_ADDRESSES,
    "ANALYST_DB_PASSWORD": _IN_ADDRESSES,
    "APP_DB_PASSWORD": _IN_ADDRESSES,
    "METRICS_DB_PASSWORD": _IN_ADDRESSES,
    "S3_SECRET_ACCESS_KEY": Secret(_password, _s3_secret_fault),
    "SPARK_SECRET": _IN_ADDRESSES,
    "REDIS_PASSWORD": _IN_ADDRESSES,
    "PGADMIN_PASSWORD": _IN_ADDRESSES,
    "JUPYTER_TOKEN": _IN_ADDRESSES,
    "AIRFLOW_ADMIN_PASSWORD": _IN_ADDRESSES,
    "AIRFLOW_JWT_SECRET": Secret(_jwt_secret, _jwt_secret_fault),
    "AIRFLOW_API_SECRET_KEY": _IN_ADDRESSES,
    "AIRFLOW_FERNET_KEY": Secret(_fernet_key, _fernet_key_fault),
    "PREFECT_ENCRYPTION_KEY": Secret(_fernet_key, _fernet_key_fault),
    # Nobody who was forgotten is known without it: kept apart from the database and its backups.
    "FORGET_KEY": Secret(_jwt_secret, _jwt_secret_fault),
}

# Keys of the object store, which are made for MinIO alone: another store makes its own.
STORE_SECRETS = {
    f"S3_{service}_SECRET_ACCESS_KEY": Secret(_password, _s3_secret_fault)
    for service in ("AIRFLOW", "APP", "BACKUP", "MLFLOW", "RUNS")
}
