"""Passwords, keys and the webhook's address stay where they belong: looked for everywhere."""

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg import sql

from flows.crypto_events.landing.ingest import ingest
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from flows.settings.servers import S3Settings
from tests.prefect_server import PATIENCE, PrefectServer
from tests.s3_endpoint import content, s3_endpoint
from tests.webhook import Webhook, webhook

pytestmark = pytest.mark.xdist_group("servers")

DATABASE_CANARY = "canary-of-the-warehouse"
STORE_CANARY = "canary-of-the-object-store"
WEBHOOK_CANARY = "T0-webhook-secret"
HEADER = "site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units"
GOOD = "ARGENTINA,1,10/3/2025,BTC,2,2\n"
BAD = "Brasil,2,10/3/2025,BTC,2,2\n"


@pytest.fixture
def store() -> Iterator[S3Settings]:
    """An object store whose key is a canary."""
    with s3_endpoint("kpi-runs", "ge-artifacts", secret=STORE_CANARY) as s3:
        yield s3


@pytest.fixture
def hook() -> Iterator[Webhook]:
    """The webhook of every process."""
    with webhook() as received:
        yield received


@pytest.fixture
def start(
    prefect: PrefectServer, db: Connection, store: S3Settings, hook: Webhook, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts Python in an environment full of canaries, with changes to it."""
    role = sql.Identifier(f"canary_{db.info.dbname}")
    db.execute(
        sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}").format(
            role, sql.Literal(DATABASE_CANARY)
        )
    )
    info = db.info
    url = (
        f"postgresql://canary_{info.dbname}:{DATABASE_CANARY}@{info.host}:{info.port}/{info.dbname}"
    )
    environment = {
        "KPI_HOME": str(tmp_path / "kpi"),
        "KPI_DATABASE_URL": url,
        "KPI_CRYPTO__FIRST_YEAR": "2020",
        "KPI_CRYPTO__LAST_YEAR": "2030",
        "KPI_WEBHOOK_URL": hook.url,
        "KPI_STORAGE": "s3",
        "KPI_S3__ENDPOINT_URL": str(store.endpoint_url),
        "KPI_S3__ACCESS_KEY_ID": str(store.access_key_id),
        "KPI_S3__SECRET_ACCESS_KEY": STORE_CANARY,
        "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": "s3-bucket/kpi-results",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
    }
    yield lambda *arguments, **changes: prefect.start(*arguments, **{**environment, **changes})
    db.execute(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))


def test_no_secret_is_anywhere(
    start: Callable[..., "subprocess.Popen[str]"],
    prefect: PrefectServer,
    settings: Settings,
    store: S3Settings,
    hook: Webhook,
    tmp_path: Path,
) -> None:
    def said(*processes: "subprocess.Popen[str]") -> list[str]:
        return [process.communicate(timeout=PATIENCE)[0] for process in processes]

    def flow_run(**changes: str) -> "subprocess.Popen[str]":
        run_id = prefect.create_run("crypto-events/test", as_of="2025-03-10", generate=False)
        runs.append(run_id)
        return start("-m", "prefect.engine", run_id, **changes)

    runs: list[str] = []
    delivery = tmp_path / "delivery.csv"
    blocks = {
        "KPI_CONNECTIONS": "blocks",
        "KPI_DATABASE_URL": "",
        "KPI_S3__ENDPOINT_URL": "",
        "KPI_S3__ACCESS_KEY_ID": "",
        "KPI_S3__SECRET_ACCESS_KEY": "",
    }
    nobody_there = f"postgresql://somebody:{DATABASE_CANARY}@127.0.0.1:1/none"
    stranger = f"postgresql://stranger:{DATABASE_CANARY}@127.0.0.1:{settings_port(settings)}/none"

    outputs = said(start("-m", "flows.cli", "blocks", "apply"))
    outputs += said(
        start("-m", "flows.cli", "blocks", "apply"),
        start("deploy.py", "flows.crypto_events.flow:crypto_events"),
        start("register_crash_automation.py"),
    )
    assert "Registered s3-bucket/kpi-results." in outputs[1]
    delivery.write_text(f"{HEADER}\n{GOOD}", encoding="utf-8")
    ingest(settings, delivery, "append")
    outputs += said(flow_run(**blocks))
    delivery.write_text(f"{HEADER}\n{BAD}", encoding="utf-8")
    ingest(settings, delivery, "append")
    outputs += said(flow_run(), flow_run(KPI_DATABASE_URL=nobody_there))
    outputs += said(flow_run(KPI_DATABASE_URL=stranger), flow_run(KPI_STORAGE="folder"))

    states = [prefect.get(f"/flow_runs/{run_id}") for run_id in runs]
    assert [state["state_type"] for state in states] == ["COMPLETED", *["FAILED"] * 4], outputs
    assert "password authentication failed" in states[3]["state"]["message"]
    assert len(hook.texts) == len(runs)
    kept = content(store, "kpi-runs")
    assert len([key for key in kept if key.startswith("logs/crypto-events/")]) == 4
    assert len([key for key in kept if key.startswith("results/")]) >= 4

    places = {
        "what processes said": "\n".join(outputs),
        "notifications": "\n".join(hook.texts),
        "Prefect's database": dump(prefect.database),
        "what Prefect shows of blocks": str(prefect.post("/block_documents/filter", {})),
        "the object store": str(kept),
        "Data Docs": str(content(store, "ge-artifacts")),
        **{
            str(file): file.read_bytes().decode("latin-1")
            for folder in (tmp_path, prefect.database.parent)
            for file in folder.rglob("*")
            if file.is_file()
        },
    }
    found = [
        (where, secret)
        for where, text in places.items()
        for secret in (DATABASE_CANARY, STORE_CANARY, WEBHOOK_CANARY)
        if secret in text
    ]
    assert found == []
    # The search finds what is there.
    assert "site_id_unknown" in places["Prefect's database"]
    assert "site_id_unknown" in places["the object store"]
    assert "site_id is one of" in places["Data Docs"]


def settings_port(settings: Settings) -> int:
    """Port of the warehouse."""
    assert settings.database_url is not None
    from psycopg.conninfo import conninfo_to_dict

    return int(conninfo_to_dict(settings.database_url.get_secret_value())["port"] or 0)


def dump(database: Path) -> str:
    """Every row of every table, block documents included."""
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump())
