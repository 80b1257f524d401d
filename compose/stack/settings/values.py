"""Whether what compose/.env says can be used: each check raises one sentence."""

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import available_timezones

from compose.stack.paths import FOLDER
from compose.stack.settings.elsewhere import (
    KEYS_OF_ONES_OWN,
    POSTGRES_OF_THE_PLATFORM,
    RUNS_OF_THE_PLATFORM,
    STORE_OF_THE_PLATFORM,
    USERS_OF_MINIO,
)
from compose.stack.settings.environment import (
    OF_RUNS,
    SPARK_OF_THE_PLATFORM,
    assignments,
    example,
    settings,
)
from compose.stack.settings.passwords import SECRETS, STORE_SECRETS
from compose.stack.speech import Refusal

WITHOUT_TLS = ("disable", "prefer")
SSL_MODES = (*WITHOUT_TLS, "require", "verify-ca", "verify-full")

POOL_TYPES = (RUNS_OF_THE_PLATFORM, "docker", "kubernetes")

_COUNTS = ("AIRFLOW_WORKERS", "SPARK_WORKERS", "KPI_PATIENCE_SECONDS")
_SIZES = ("SPARK_WORKER_MEMORY", "SPARK_EXECUTOR_MEMORY", "SPARK_WORKER_LIMIT")
_OURS = ("compose.yaml", "data_folder.yaml")
_MIB = {"m": 1, "g": 1024}


def values_are_usable(values: Mapping[str, str], file: str) -> None:
    """Refuses a value that cannot be used, rather than let Compose or a service stumble over it.

    `file` is how sentences call the environment file that the values are from.
    """
    _project(values, file)
    _compose_files(values, file)
    _settings(values, file)
    _workers(values, file)
    _sizes(values, file)
    _time_zone(values, file)
    _secrets(values, file)
    _store_users(values, file)
    _certificate(values, file)
    _postgres(values, file)
    _churn_source(values, file)


def certificate(values: Mapping[str, str]) -> Path | None:
    """The file of a company proxy's certificate authority, if one is set."""
    written = values["EXTRA_CA_CERTIFICATE"]
    return FOLDER / Path(written).expanduser() if written else None


def _project(values: Mapping[str, str], file: str) -> None:
    name = values["COMPOSE_PROJECT_NAME"]
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise Refusal(
            f"COMPOSE_PROJECT_NAME in {file} is {name!r}: it may have small letters, digits, - "
            "and _, and begins with a letter or a digit."
        )


def _compose_files(values: Mapping[str, str], file: str) -> None:
    for name in values["COMPOSE_FILE"].split(":"):
        if not (FOLDER / name).is_file():
            raise Refusal(
                f"COMPOSE_FILE in {file} names {name!r}, and there is no such file: name files "
                "relative to compose/, separated by colons."
            )


def _settings(values: Mapping[str, str], file: str) -> None:
    """Refuses a setting that reaches no container: its writer would think that it counts."""
    files = [name for name in values["COMPOSE_FILE"].split(":") if name not in _OURS]
    own = "".join((FOLDER / name).read_text(encoding="utf-8") for name in files)
    known = settings() | set(assignments(example()))
    for name in values:
        if name.startswith(OF_RUNS) and name not in known and not re.search(rf"\b{name}\b", own):
            raise Refusal(
                f"{name} in {file} reaches no container: compose/.env.example lists what does; "
                "correct the name, or pass it on in a file that COMPOSE_FILE names."
            )


def _workers(values: Mapping[str, str], file: str) -> None:
    kind = values["PREFECT_WORK_POOL_TYPE"]
    if kind not in POOL_TYPES:
        raise Refusal(
            f"PREFECT_WORK_POOL_TYPE in {file} is {kind!r}: choose among {', '.join(POOL_TYPES)}."
        )
    workers = ("PREFECT_WORKERS",) if kind == RUNS_OF_THE_PLATFORM else ()
    for name in (*_COUNTS, *workers):
        if not re.fullmatch(r"[1-9][0-9]{0,8}", values[name]):
            raise Refusal(f"{name} in {file} is {values[name]!r}: it is a whole number, 1 or more.")


def _sizes(values: Mapping[str, str], file: str) -> None:
    for name in _SIZES:
        if not re.fullmatch(r"[1-9][0-9]{0,8}[mg]", values[name]):
            raise Refusal(
                f"{name} in {file} is {values[name]!r}: it is a number of megabytes or gigabytes, "
                "such as 1280m or 2g."
            )
    worker, executor, limit = (_mib(values[name]) for name in _SIZES)
    if values["SPARK_MASTER_URL"] == SPARK_OF_THE_PLATFORM and executor > worker:
        raise Refusal(
            f"SPARK_EXECUTOR_MEMORY in {file} is more than SPARK_WORKER_MEMORY: no worker could "
            "give it; make one fit the other."
        )
    if worker > limit:
        raise Refusal(
            f"SPARK_WORKER_MEMORY in {file} is more than SPARK_WORKER_LIMIT, which is its "
            "container's: let the limit be half a gigabyte more."
        )


def _mib(size: str) -> int:
    return int(size[:-1]) * _MIB[size[-1]]


def _time_zone(values: Mapping[str, str], file: str) -> None:
    # A machine may have no list of them.
    zones = available_timezones()
    if zones and values["KPI_TIME_ZONE"] not in zones:
        raise Refusal(
            f"KPI_TIME_ZONE in {file} is {values['KPI_TIME_ZONE']!r}: it is a name as UTC or "
            "America/Argentina/Buenos_Aires."
        )


def _secrets(values: Mapping[str, str], file: str) -> None:
    for name, secret in SECRETS.items():
        if name == "S3_SECRET_ACCESS_KEY" and _has_no_keys(values):
            continue
        if not values[name]:
            raise Refusal(
                f"{name} in {file} is empty: give it a value; where there is data already, "
                "the one that the data was made with."
            )
        if fault := secret.fault(values[name]):
            raise Refusal(f"{name} in {file} {fault}.")


def _has_no_keys(values: Mapping[str, str]) -> bool:
    """Whether the store is another one, which gives its keys to the machine itself."""
    own = values["S3_ENDPOINT_URL"] == STORE_OF_THE_PLATFORM
    return not (own or values["S3_ACCESS_KEY_ID"] or values["S3_SECRET_ACCESS_KEY"])


def _store_users(values: Mapping[str, str], file: str) -> None:
    whose = (USERS_OF_MINIO, KEYS_OF_ONES_OWN)
    if values["S3_USERS"] not in whose:
        raise Refusal(
            f"S3_USERS in {file} is {values['S3_USERS']!r}: choose between {' and '.join(whose)}."
        )
    for name, secret in STORE_SECRETS.items():
        key = name.replace("SECRET_ACCESS_KEY", "ACCESS_KEY_ID")
        if bool(values[name]) != bool(values[key]):
            raise Refusal(f"Set both {key} and {name} in {file}, or none of them.")
        if values[name] and (fault := secret.fault(values[name])):
            raise Refusal(f"{name} in {file} {fault}.")


def _certificate(values: Mapping[str, str], file: str) -> None:
    path = certificate(values)
    if path is None:
        return
    try:
        ssl.create_default_context().load_verify_locations(cadata=path.read_text("ascii", "ignore"))
    except OSError as error:
        # What ssl raises is an OSError, too.
        reason = "is no PEM certificate" if isinstance(error, ssl.SSLError) else error.strerror
    except ValueError:
        reason = "is no PEM certificate"
    else:
        return
    raise Refusal(
        f"EXTRA_CA_CERTIFICATE in {file}: {path} {reason}; name a PEM file, or leave it empty."
    )


def _postgres(values: Mapping[str, str], file: str) -> None:
    address, mode = values["POSTGRES_ADDRESS"], values["POSTGRES_SSLMODE"]
    if not re.fullmatch(r"[A-Za-z0-9._-]+:[0-9]{1,5}", address):
        raise Refusal(
            f"POSTGRES_ADDRESS in {file} is {address!r}: name a server as HOST:PORT, such as "
            f"{POSTGRES_OF_THE_PLATFORM}, which is the platform's own."
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]+", values["POSTGRES_ADMINISTRATOR"]):
        raise Refusal(
            f"POSTGRES_ADMINISTRATOR in {file} may only have letters, digits, - and _, because it "
            "stands in addresses."
        )
    if mode not in SSL_MODES:
        raise Refusal(
            f"POSTGRES_SSLMODE in {file} is {mode!r}: choose among {', '.join(SSL_MODES)}."
        )
    if mode.startswith("verify") != bool(values["POSTGRES_SSLROOTCERT"]):
        raise Refusal(
            f"POSTGRES_SSLROOTCERT in {file} belongs to POSTGRES_SSLMODE=verify-ca and "
            "verify-full: set it with these, as a rule to /etc/ssl/certs/ca-certificates.crt, and "
            "leave it empty with others."
        )
    own, administrator = address == POSTGRES_OF_THE_PLATFORM, values["POSTGRES_ADMINISTRATOR"]
    if own and mode not in WITHOUT_TLS:
        raise Refusal(
            f"POSTGRES_SSLMODE in {file} is {mode}, and the platform's own PostgreSQL speaks no "
            "TLS: name another server in POSTGRES_ADDRESS, or choose "
            f"{' or '.join(WITHOUT_TLS)}."
        )
    if own and administrator != "postgres":
        raise Refusal(
            f"POSTGRES_ADMINISTRATOR in {file} is {administrator}: the platform's own PostgreSQL "
            "has postgres."
        )


def _churn_source(values: Mapping[str, str], file: str) -> None:
    folder = FOLDER / Path(values["CHURN_SOURCE"]).expanduser()
    if not folder.is_dir():
        raise Refusal(
            f"CHURN_SOURCE in {file} is {values['CHURN_SOURCE']!r}, and {folder.resolve()} is no "
            "folder: name the folder of the delivery, relative to compose/."
        )
