"""A user of MinIO for each service, with a policy of its own: the root key stays in one job."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flows.errors import KpiError, Unavailable
from flows.platform.storage.object_store import bucket
from flows.platform.storage.sealed import seal
from flows.settings import Settings

if TYPE_CHECKING:
    from requests import Response

_TIMEOUT_SECONDS = 30
_LIST = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_READ = ("s3:GetObject",)
_WRITE = (
    *("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
)
_REPORTS = "mlflow-artifacts/drift-reports"


@dataclass(frozen=True)
class Rights:
    """The buckets, or folders of buckets, that a service reads, and those it writes and reads."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    lists_buckets: bool = False


def rights(settings: Settings) -> dict[str, Rights]:
    """What each service may do with the object store, by the service's name."""
    runs = settings.s3.runs_bucket
    return {
        "airflow": Rights(writes=("airflow-logs",)),
        "app": Rights(reads=("ge-artifacts", _REPORTS)),
        "backup": Rights(
            reads=("airflow-logs", "ge-artifacts", "mlflow-artifacts", runs), lists_buckets=True
        ),
        "mlflow": Rights(writes=("mlflow-artifacts",)),
        # Airflow's logs as well: a person is forgotten there, too.
        "runs": Rights(writes=("airflow-logs", "ge-artifacts", _REPORTS, runs)),
    }


def create_store_users(settings: Settings) -> list[str]:
    """Create the users of KPI_PREPARE__STORE_USERS in MinIO, or change theirs; return the services.

    There are none when somebody else makes them. The keys of the settings are those of MinIO's
    root. Raises KpiError without a store or its secret, for a service that has no rights, and when
    the store refuses or is no MinIO; Unavailable when it does not answer.
    """
    if settings.prepare.store_users_in != "minio":
        return []
    may = rights(settings)
    for service, user in settings.prepare.store_users.items():
        if service not in may:
            raise KpiError(
                f"KPI_PREPARE__STORE_USERS names {service!r}, which has no rights: "
                f"choose among {', '.join(may)}."
            )
        policy = f"kpi-{service}"
        body = json.dumps(policy_of(settings, may[service])).encode()
        _ask(settings, "add-canned-policy", body, name=policy)
        secret = user.secret_access_key.get_secret_value()
        login = json.dumps({"secretKey": secret, "status": "enabled"}).encode()
        _ask(
            settings, "add-user", seal(login, _root_secret(settings)), accessKey=user.access_key_id
        )
        _ask(
            *(settings, "set-user-or-group-policy", b""),
            policyName=policy,
            userOrGroup=user.access_key_id,
            isGroup="false",
        )
    return list(settings.prepare.store_users)


def policy_of(settings: Settings, may: Rights) -> Mapping[str, Any]:
    """Return the rights as S3 writes a policy."""
    statements = [
        _allow(_LIST, [_bucket_of(settings, place)]) for place in (*may.reads, *may.writes)
    ]
    for actions, places in ((_READ, may.reads), (_WRITE, may.writes)):
        if places:
            statements.append(
                _allow(actions, [f"{_arn(bucket(settings, place))}/*" for place in places])
            )
    if may.lists_buckets:
        statements.append(_allow(("s3:ListAllMyBuckets",), [_arn("*")]))
    return {"Version": "2012-10-17", "Statement": statements}


def _bucket_of(settings: Settings, place: str) -> str:
    return _arn(bucket(settings, place.partition("/")[0]))


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def _allow(actions: tuple[str, ...], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}


def _root_secret(settings: Settings) -> str:
    secret = settings.s3.secret_access_key
    if secret is None:
        raise KpiError("KPI_S3__SECRET_ACCESS_KEY is empty: MinIO's root makes its users.")
    return secret.get_secret_value()


def _ask(settings: Settings, what: str, body: bytes, **query: str) -> None:
    """Ask MinIO's API for administrators; raise KpiError when it refuses."""
    import requests
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    store = settings.s3.endpoint_url
    if store is None:
        raise KpiError("KPI_S3__ENDPOINT_URL is empty: users are made in a MinIO of one's own.")
    address = f"{store}/minio/admin/v3/{what}?{urlencode(query)}"
    request = AWSRequest("PUT", address, data=body)
    keys = Credentials(settings.s3.access_key_id, _root_secret(settings))
    S3SigV4Auth(keys, "s3", settings.s3.region).add_auth(request)
    try:
        answer = requests.put(
            address, data=body, headers=dict(request.headers), timeout=_TIMEOUT_SECONDS
        )
    except requests.RequestException as error:
        raise Unavailable(
            f"{store} does not answer ({type(error).__name__}). Start it, or correct "
            "KPI_S3__ENDPOINT_URL."
        ) from error
    if not answer.ok:
        raise KpiError(
            f"{store} makes no users ({_reason(answer)}). With the keys of MinIO's root it does; "
            "with another store, give each service its keys yourself: S3_USERS=own."
        )


def _reason(answer: "Response") -> str:
    try:
        return str(answer.json()["Code"])
    except (KeyError, TypeError, ValueError):
        return f"HTTP {answer.status_code}"
