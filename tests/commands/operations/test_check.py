"""`kpi check` tells what must have happened and has not, and stays quiet about the rest."""

import json
import os
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

from flows.churn.sources.contract import SOURCE_FILES
from flows.local.machine import LOOPBACK, POLL_SECONDS, free_port
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.observed.rows import looked_at
from tests.webhook import Webhook, webhook

Kpi = Callable[..., Any]


@pytest.fixture(autouse=True)
def _enough_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CHECK__DISK_FREE_SHARE", "0")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A webhook that is told."""
    with webhook() as received:
        monkeypatch.setenv("KPI_WEBHOOK_URL", received.url)
        yield received


def published(db: Connection, hours_ago: float) -> None:
    """A run of crypto events that published so many hours ago."""
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_runs (run_id, as_of, window_start, policy, staged_by,"
        " raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows, published_at)"
        " VALUES (gen_random_uuid()::text, current_date, current_date, 'abort',"
        " pg_current_xact_id(), 0, 0, 0, 0, 0, now() - make_interval(mins => %s))",
        [int(60 * hours_ago)],
    )


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
def test_all_is_well(db: Connection, kpi: Kpi, hook: Webhook) -> None:
    published(db, hours_ago=2)
    said = kpi("check")
    assert (said.code, said.err) == (0, "")
    assert {line[:6] for line in said.out.splitlines()} == {"ok    "}
    assert hook.texts == []


@pytest.mark.usefixtures("warehouse")
def test_silence_is_told_once_and_so_is_its_end(db: Connection, kpi: Kpi, hook: Webhook) -> None:
    published(db, hours_ago=30)
    first, second = kpi("check"), kpi("check")
    assert (first.code, second.code) == (1, 1)
    assert first.sentence == "kpi: 1 check failed."
    [told] = hook.texts
    assert "crypto_events: the last success is of" in told
    assert "more than 26 hours ago" in told

    published(db, hours_ago=0)
    assert kpi("check").code == 0
    assert kpi("check").code == 0
    assert len(hook.texts) == 2
    assert "well again" in hook.texts[1]


@pytest.mark.usefixtures("warehouse")
def test_what_lasts_is_told_again(kpi: Kpi, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CHECK__AGAIN_HOURS", "1e-9")
    assert (kpi("check").code, kpi("check").code) == (1, 1)
    assert len(hook.texts) == 2
    assert "crypto_events has never succeeded" in hook.texts[0]


@pytest.mark.usefixtures("warehouse")
def test_a_pipeline_that_never_ran_is_missed_only_where_it_is_expected(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    assert kpi("check").code == 0
    monkeypatch.setenv("KPI_CHECK__PIPELINES", '["churn_scoring", "churn_training"]')
    said = kpi("check", "--format", "json")
    assert said.code == 1
    assert [one["subject"] for one in json.loads(said.out) if not one["ok"]] == [
        "churn_scoring",
        "churn_training",
    ]


@pytest.mark.usefixtures("warehouse")
def test_a_delivery_that_is_due_is_missed(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    monkeypatch.setenv("KPI_CHECK__DELIVERY_HOURS", "24")
    assert "ask who delivers" in kpi("check").out
    db.execute(
        "INSERT INTO raw.deliveries (source_name, mode, rows_loaded, rows_replaced)"
        " VALUES ('x', 'append', 1, 0)"
    )
    assert kpi("check").code == 0


@pytest.mark.usefixtures("warehouse")
def test_a_churn_file_that_stops_is_missed(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    now = datetime.now(UTC)
    names = [file.name for file in SOURCE_FILES]
    before = dict.fromkeys(names, "a")
    looked_at(db, (now - timedelta(hours=48)).isoformat(), **before)
    looked_at(db, (now - timedelta(hours=1)).isoformat(), **before)
    assert kpi("check").code == 0

    monkeypatch.setenv("KPI_CHECK__CHURN_DELIVERY_HOURS", "24")
    assert kpi("check").out.count("and one is due every 24 hours: ask who delivers") == len(names)
    after = dict.fromkeys(names, "b") | {"PAYMENTS": "a"}
    looked_at(db, now.isoformat(), **after)
    said = kpi("check")
    assert said.code == 1
    assert said.out.count("ask who delivers") == 1
    assert "the last delivery of PAYMENTS.csv is of" in said.out


@pytest.mark.usefixtures("warehouse")
def test_a_forgetting_that_was_cut_short_is_told(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    db.execute(
        "INSERT INTO dqm.bt_forgotten"
        " (line_id, person, key_id, action, why, decided_by, decided_at)"
        " VALUES (gen_random_uuid(), repeat('a', 64), repeat('a', 16), 'forgotten', 'asked', 'me',"
        " now() - interval '2 hours')"
    )
    said = kpi("check")
    assert said.code == 1
    assert "1 forgetting of a person unfinished" in said.out
    assert "run kpi forget --again" in said.out
    monkeypatch.setenv("KPI_CHECK__FORGETTING_HOURS", "24")
    assert kpi("check").code == 0


@pytest.mark.usefixtures("warehouse")
def test_retention_that_was_due_is_missed(db: Connection, kpi: Kpi) -> None:
    published(db, hours_ago=1)
    db.execute(
        "INSERT INTO dqm.prunings"
        " (run_id, place, mode, as_of, kept_from, rows, files, bytes, pruned_at)"
        " VALUES ('r', 'Prefect artifacts', 'prune', current_date, current_date, 0, 0, 0,"
        " now() - interval '30 hours')"
    )
    assert "retention: the last success is of" in kpi("check").out


@pytest.mark.usefixtures("warehouse")
def test_a_backup_is_stale_or_has_never_ended_well(
    db: Connection, kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    file = tmp_path / "backed-up"
    monkeypatch.setenv("KPI_CHECK__BACKUP_FILE", str(file))
    assert "no backup has ever ended well" in kpi("check").out
    file.touch()
    assert kpi("check").code == 0
    before = (datetime.now(UTC) - timedelta(hours=30)).timestamp()
    os.utime(file, (before, before))
    assert "more than 26 hours ago: look at the backup's log" in kpi("check").out


@pytest.mark.usefixtures("warehouse")
def test_a_disk_that_fills_is_told(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    monkeypatch.setenv("KPI_CHECK__DISK_FREE_SHARE", "0.9999")
    said = kpi("check")
    assert said.code == 1
    assert "make room before runs end for want of it" in said.out


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


def test_a_warehouse_that_is_away_is_told_once(
    kpi: Kpi, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", f"postgresql://kpi:s3cret@{LOOPBACK}:{free_port()}/kpi")
    monkeypatch.setenv("KPI_CHECK__DELIVERY_HOURS", "24")
    said = kpi("check")
    assert said.code == 1
    [told] = hook.texts
    assert told.count("The warehouse does not answer") == 1
    assert said.out.count("The warehouse does not answer") == 1
    assert said.sentence == "kpi: 3 checks failed."
    assert "s3cret" not in told + said.out


@pytest.mark.usefixtures("warehouse")
def test_a_webhook_that_refuses_is_told_by_the_exit_code_and_asked_again(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook(status=500) as deaf:
        monkeypatch.setenv("KPI_WEBHOOK_URL", deaf.url)
        said = kpi("check")
        assert "The webhook did not take the message" in said.sentence
        kpi("check")
        assert len(deaf.texts) == 2


def test_a_database_without_tables_has_run_nothing(
    kpi: Kpi, settings: Settings, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.database_url
    db.execute("DROP SCHEMA dqm CASCADE")
    monkeypatch.setenv("KPI_DATABASE_URL", settings.database_url.get_secret_value())
    assert "lacks tables of ours: nothing has run since it was made" in kpi("check").out
