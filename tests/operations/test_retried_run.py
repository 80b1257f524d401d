"""A run that failed is run again from Prefect, once its cause is repaired."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows.crypto_events.landing.ingest import ingest
from flows.platform.warehouse.connection import Connection, database_url
from flows.settings import Settings
from tests.prefect_server import PrefectServer
from tests.webhook import webhook

pytestmark = pytest.mark.xdist_group("servers")

HEADER = "site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units"


def test_a_failed_run_completes_when_it_is_retried(
    prefect: PrefectServer,
    settings: Settings,
    db: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    monkeypatch.setenv("KPI_CRYPTO__FIRST_YEAR", "2020")
    monkeypatch.setenv("KPI_CRYPTO__LAST_YEAR", "2030")
    results = settings.home / "artifacts" / "kpi-runs" / "results"
    monkeypatch.setitem(prefect.environment, "PREFECT_LOCAL_STORAGE_PATH", str(results))
    delivery = tmp_path / "delivery.csv"
    delivery.write_text(
        f"{HEADER}\nARGENTINA,1,10/3/2025,BTC,2,2\nBrasil,2,10/3/2025,BTC,2,2\n", encoding="utf-8"
    )
    ingest(settings, delivery, "append")
    prefect.run("deploy.py", "flows.crypto_events.flow:crypto_events")
    run_id = prefect.create_run("crypto-events/test", as_of="2025-03-10", generate=False)

    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        prefect.run("-m", "prefect.engine", run_id)
        failed = prefect.get(f"/flow_runs/{run_id}")
        db.execute("UPDATE raw.bt_crypto_transaction_history SET site_id = upper(site_id)")
        again = {"type": "SCHEDULED", "name": "AwaitingRetry"}
        prefect.post(f"/flow_runs/{run_id}/set_state", {"state": again, "force": True})
        prefect.run("-m", "prefect.engine", run_id)
        retried = prefect.get(f"/flow_runs/{run_id}")

    assert failed["state_type"] == "FAILED"
    assert "site_id_unknown: 1" in failed["state"]["message"]
    assert (retried["state_type"], retried["run_count"]) == ("COMPLETED", 2)
    published = db.execute("SELECT user_id FROM prod.bt_crypto_events WHERE is_active").fetchall()
    assert sorted(row["user_id"] for row in published) == [1, 2]
    # What had been done was done again: nothing had been kept of it but its effect.
    of_run = {"flow_runs": {"id": {"any_": [run_id]}}}
    tried = prefect.post("/task_runs/filter", of_run)
    # Prefect 3 keeps those of the first try beside them.
    tasks = {task["name"]: task for task in sorted(tried, key=lambda task: str(task["start_time"]))}
    assert len(tasks) == 6
    assert {task["state_name"] for task in tasks.values()} == {"Completed"}
    for first in ("build_events_candidate", "ge_validate_raw"):
        assert tasks[first]["state"]["timestamp"] > failed["state"]["timestamp"]
    assert [text.split(":")[0] for text in hook.texts] == [
        "crypto-events failed",
        "crypto-events 2025-03-06 to 2025-03-10",
    ]
    link = f"<{prefect.url}/flow-runs/flow-run/{run_id}|crypto-events as of 2025-03-10>"
    assert [text.splitlines()[-1] for text in hook.texts] == [link, link]

    # Two endings, each with its result, and one log.
    files = [json.loads(file.read_text()) for file in results.iterdir()]
    # Prefect 2 wraps a result; Prefect 3 keeps it as it is.
    kept = [json.loads(file["data"]) if "data" in file else file for file in files]
    (summary,) = [result for result in kept if "run" in result]
    assert summary["run"] == "2025-03-06 to 2025-03-10"
    assert urlsplit(summary["result"]["data_docs"]).path.endswith("index.html")
    assert summary["messages"] == [summary["result"]["message"]]
    (log,) = (settings.home / "artifacts" / "kpi-runs" / "logs" / "crypto-events").iterdir()
    assert log.name == f"{run_id}.log"
    text = log.read_text(encoding="utf-8")
    assert "site_id_unknown: 1" in text
    assert summary["messages"][0] in text
