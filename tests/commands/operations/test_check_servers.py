"""`kpi check` asks Prefect how its workers are, and the proxy how long its certificate lasts."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from flows.local.machine import LOOPBACK, POLL_SECONDS, free_port
from flows.platform.warehouse.connection import Connection
from tests.observed.rows import published

Kpi = Callable[..., Any]


@pytest.fixture(autouse=True)
def _enough_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CHECK__DISK_FREE_SHARE", "0")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@contextmanager
def prefect(heartbeats: list[str]) -> Iterator[str]:
    """What Prefect's server says of its workers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps([{"last_heartbeat_time": at} for at in heartbeats]).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}/api"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def https(folder: Path, days: int) -> Iterator[tuple[str, Path]]:
    """A server whose certificate ends in so many days: its address, and who vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days, minutes=5))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(private + made.public_bytes(Encoding.PEM))
    (folder / "authority.pem").write_bytes(made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    with ThreadingHTTPServer(("localhost", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
        thread.start()
        try:
            yield f"localhost:{server.server_port}", folder / "authority.pem"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.usefixtures("warehouse")
def test_a_silent_worker_is_told(db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    published(db, hours_ago=1)
    now = datetime.now(UTC)
    for heard, code in (([now], 0), ([now - timedelta(hours=1)], 1), ([], 1)):
        with prefect([at.isoformat() for at in heard]) as address:
            monkeypatch.setenv("PREFECT_API_URL", address)
            assert kpi("check").code == code
    # Two of three are dead.
    monkeypatch.setenv("KPI_CHECK__WORKERS", "3")
    before = now - timedelta(hours=1)
    with prefect([at.isoformat() for at in (now, before, before)]) as address:
        monkeypatch.setenv("PREFECT_API_URL", address)
        assert "1 of 3 Prefect workers heard of: start the others" in kpi("check").out
    monkeypatch.setenv("PREFECT_API_URL", f"http://{LOOPBACK}:{free_port()}/api")
    assert "Prefect does not say how its workers are (ConnectError)" in kpi("check").out


@pytest.mark.usefixtures("warehouse")
def test_a_certificate_that_nobody_shows_is_told(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    monkeypatch.setenv("KPI_CHECK__CERTIFICATE", f"{LOOPBACK}:{free_port()}")
    assert "shows no valid certificate (ConnectionRefusedError)" in kpi("check").out


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(("days", "code"), [(60, 0), (3, 1)])
def test_a_certificate_that_ends_soon_is_told(
    days: int, code: int, db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    published(db, hours_ago=1)
    with https(tmp_path, days) as (address, authority):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        monkeypatch.setenv("KPI_CHECK__CERTIFICATE", address)
        said = kpi("check")
    assert f"is valid for another {days} days" in said.out
    assert said.code == code
