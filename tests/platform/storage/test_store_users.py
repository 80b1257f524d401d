"""The users of MinIO, as what its API for administrators is asked to make."""

import json
from collections.abc import Iterator
from hashlib import pbkdf2_hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from flows.errors import KpiError, Unavailable
from flows.local.machine import free_port
from flows.platform.storage.sealed import seal
from flows.platform.storage.store_users import create_store_users, policy_of, rights
from flows.settings import Settings
from flows.settings.servers import PrepareSettings, S3Settings, StoreUser

ROOT = "the-secret-of-the-root"
SERVICES = ["airflow", "app", "backup", "mlflow", "runs"]


class Store(ThreadingHTTPServer):
    """Remembers what it was asked, as MinIO's API for administrators reads it."""

    refuses = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []


class Asked(BaseHTTPRequestHandler):
    """One request."""

    server: Store

    def do_PUT(self) -> None:
        """Remember it."""
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        assert "Credential=root/" in self.headers["Authorization"]
        self.server.asked.append((address.path, query, body))
        answer = b'{"Code": "AccessDenied"}' if self.server.refuses else b""
        self.send_response(403 if self.server.refuses else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *what: Any) -> None:
        """Say nothing."""


@pytest.fixture
def store() -> Iterator[Store]:
    """A store on this machine."""
    with Store() as store:
        thread = Thread(target=store.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield store
        store.shutdown()
        thread.join()


def settings(port: int, *services: str, **prepare: Any) -> Settings:
    """Settings of the root, with users for these services."""
    users = {
        name: StoreUser(access_key_id=f"kpi-{name}", secret_access_key=SecretStr(f"of-{name}"))
        for name in services
    }
    s3 = S3Settings(
        endpoint_url=f"http://127.0.0.1:{port}",
        access_key_id="root",
        secret_access_key=SecretStr(ROOT),
        bucket_prefix="shop-",
    )
    return Settings(storage="s3", s3=s3, prepare=PrepareSettings(store_users=users, **prepare))


def opened(sealed: bytes) -> bytes:
    """What was sealed, as MinIO opens it."""
    salt, cipher, nonce, content = sealed[:32], sealed[32], sealed[33:41], sealed[41:]
    assert cipher == 2
    box = AESGCM(pbkdf2_hmac("sha256", ROOT.encode(), salt, 8192, 32))
    nothing = box.encrypt(nonce + bytes(4), b"", None)
    return box.decrypt(nonce + b"\x01\0\0\0", content, b"\x80" + nothing)


def test_a_service_gets_a_policy_a_login_and_both_together(store: Store) -> None:
    assert create_store_users(settings(store.server_port, "app")) == ["app"]

    (policy, named, may), (user, who, login), (attach, pair, _) = store.asked
    assert (policy, user, attach) == (
        "/minio/admin/v3/add-canned-policy",
        "/minio/admin/v3/add-user",
        "/minio/admin/v3/set-user-or-group-policy",
    )
    assert named == {"name": "kpi-app"}
    assert who == {"accessKey": "kpi-app"}
    assert pair == {"policyName": "kpi-app", "userOrGroup": "kpi-app", "isGroup": "false"}
    assert json.loads(opened(login)) == {"secretKey": "of-app", "status": "enabled"}
    assert b"of-app" not in login
    assert {
        place for statement in json.loads(may)["Statement"] for place in statement["Resource"]
    } == {
        "arn:aws:s3:::shop-ge-artifacts",
        "arn:aws:s3:::shop-ge-artifacts/*",
        "arn:aws:s3:::shop-mlflow-artifacts",
        "arn:aws:s3:::shop-mlflow-artifacts/drift-reports/*",
    }


@pytest.mark.parametrize(
    ("service", "changes"),
    [
        ("airflow", ["airflow-logs/*"]),
        ("app", []),
        ("backup", []),
        ("mlflow", ["mlflow-artifacts/*"]),
        (
            "runs",
            [
                *("airflow-logs/*", "ge-artifacts/*"),
                *("mlflow-artifacts/drift-reports/*", "kpi-runs/*"),
            ],
        ),
    ],
)
def test_a_service_changes_what_is_its_own(service: str, changes: list[str]) -> None:
    policy = policy_of(Settings(), rights(Settings())[service])

    places = [
        place
        for statement in policy["Statement"]
        if "s3:PutObject" in statement["Action"]
        for place in statement["Resource"]
    ]
    assert places == [f"arn:aws:s3:::{place}" for place in changes]
    assert list(rights(Settings())) == SERVICES


def test_keys_that_somebody_else_makes_are_left_to_them(store: Store) -> None:
    assert create_store_users(settings(store.server_port, "app", store_users_in="own")) == []
    assert store.asked == []


def test_a_store_that_refuses_is_named(store: Store) -> None:
    store.refuses = True
    with pytest.raises(KpiError, match=r"makes no users \(AccessDenied\).* S3_USERS=own"):
        create_store_users(settings(store.server_port, "app"))


def test_a_store_that_is_away_is_named() -> None:
    with pytest.raises(Unavailable, match=r"does not answer \(ConnectionError\)"):
        create_store_users(settings(free_port(), "app"))


def test_a_service_without_rights_is_named() -> None:
    with pytest.raises(KpiError, match="names 'everybody', which has no rights: choose among airf"):
        create_store_users(settings(free_port(), "everybody"))


def test_what_is_too_long_for_one_fragment_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="16385 bytes are more than one fragment"):
        seal(bytes(16 * 1024 + 1), ROOT)
