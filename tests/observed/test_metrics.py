"""What Prometheus reads of the platform: real rows, a real Prometheus, bounded labels."""

import json
import logging
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.local.machine import LOOPBACK, free_port
from flows.observed.serve import serve
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import Connection, execute
from flows.retention.programs.prune_prefect import ARTIFACTS
from flows.settings import Settings
from tests.crypto_rows import add_rows, run_every_step
from tests.observed.scrape import PATIENCE, scraped

MONITORING = REPOSITORY / "deployments" / "monitoring"


def test_a_run_is_seen(db: Connection, quick: Settings, port: int) -> None:
    add_rows(db, {}, {"user_id": "2"})
    run_every_step(quick, plan_run(quick, date(2025, 3, 10)))
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_rejects (run_id, raw_id, reason, as_of, source_name,"
        " source_row_number, arrived_at) VALUES"
        " ('x', 1, 'a rule of long ago', current_date, 'x', 1, now()),"
        " ('x', 1, 'site_id_known', current_date, 'x', 1, now())"
    )

    found = scraped(port)

    assert found["kpi_warehouse_up"] == {"": 1}
    assert found["kpi_run_rows"]["inserted"] == 2
    assert found["kpi_run_rows"]["raw"] == 2
    assert set(found["kpi_pipeline_last_success_timestamp_seconds"]) == {"crypto_events"}
    assert found["kpi_open_forgettings"] == {"": 0}
    assert found["kpi_check_ok"]["pipelines"] == 1
    assert found["kpi_open_rejects"]["other"] >= 1
    assert "a rule of long ago" not in found["kpi_open_rejects"]
    assert found["kpi_freshness_limit_seconds"] == {"": 26 * 3600}


def test_while_nothing_has_run_there_is_an_answer(port: int) -> None:
    found = scraped(port)
    assert found["kpi_warehouse_up"] == {"": 1}
    assert found["kpi_check_ok"]["pipelines"] == 0
    assert "kpi_run_rows" not in found


def test_only_our_own_names_are_answered(port: int) -> None:
    at = f"http://{LOOPBACK}:{port}"
    refused = httpx.get(f"{at}/metrics", headers={"Host": "elsewhere.example"})
    assert (refused.status_code, "kpi_" in refused.text) == (421, False)
    asks = {"Origin": "https://elsewhere.example"}
    assert httpx.get(f"{at}/metrics", headers=asks).status_code == 403
    assert httpx.get(f"{at}/health").text == "ok\n"
    assert httpx.get(f"{at}/").status_code == 404


def test_retention_succeeds_with_its_last_place(db: Connection, port: int) -> None:
    line = (
        "INSERT INTO dqm.prunings (run_id, place, mode, as_of, kept_from, rows, files, bytes)"
        " VALUES ('r', '{}', 'dry-run', current_date, current_date, 0, 0, 0)"
    )
    # Cut short before its last place, it has not succeeded.
    db.execute(line.format("raw.deliveries").encode())
    begun = last_successes(db)
    db.execute(line.format(ARTIFACTS).encode())

    assert "retention" not in begun
    assert "retention" in scraped(port)["kpi_pipeline_last_success_timestamp_seconds"]


def last_successes(db: Connection) -> set[str]:
    """Pipelines that have ever succeeded, as the metrics ask."""
    rows = execute(db, "operations/last_successes.sql").fetchall()
    return {row["pipeline"] for row in rows if row["last_success"]}


def test_a_forgetting_counts_until_it_has_ended_or_is_lifted(db: Connection, port: int) -> None:
    for person, action, ended in (
        ("a", "forgotten", "NULL"),
        ("b", "forgotten", "now()"),
        ("c", "forgotten", "NULL"),
        ("c", "lifted", "now()"),
    ):
        db.execute(
            "INSERT INTO dqm.bt_forgotten"
            " (line_id, person, key_id, action, why, decided_by, decided_at, finished_at)"
            f" VALUES (gen_random_uuid(), repeat('{person}', 64), repeat('a', 16), '{action}',"
            f" 'asked', 'me', clock_timestamp(), {ended})".encode()
        )

    assert scraped(port)["kpi_open_forgettings"] == {"": 1}


def test_the_latest_scores_of_each_kind_are_told_with_how_good_they_were(
    db: Connection, port: int
) -> None:
    for as_of, kind, auc, why in (
        ("2025-01-01", "realized", "0.9", "NULL"),
        ("2025-02-01", "realized", "0.6", "'It left its band.'"),
        ("2025-03-01", "estimated", "0.8", "NULL"),
        ("2025-02-15", "not measured", "NULL", "NULL"),
    ):
        db.execute(
            "INSERT INTO dqm.bt_churn_outcomes (as_of, model_version, among, kind, last_day,"
            " users, roc_auc, asks_for_training, run_id)"
            f" VALUES ('{as_of}', '1', 'all', '{kind}', '2025-04-01', 9, {auc}, {why}, '')".encode()
        )

    found = scraped(port)

    assert found["kpi_roc_auc"] == {"all,realized": 0.6, "all,estimated": 0.8}
    assert found["kpi_model_worse"] == {"all,realized": 1, "all,estimated": 0}


def test_a_warehouse_that_is_away_is_a_metric_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = Settings.model_validate(
        {
            "home": tmp_path,
            "database_url": f"postgresql://x:y@{LOOPBACK}:{free_port()}/x",
            "check": {"delivery_hours": 24},
        }
    )
    found = free_port()
    with caplog.at_level(logging.WARNING, "flows"):
        serve(away, LOOPBACK, found)
        first, second = scraped(found), scraped(found)
    assert first == second
    assert first["kpi_warehouse_up"] == {"": 0}
    of_the_warehouse = ("pipelines", "deliveries", "forgettings")
    assert [first["kpi_check_ok"][check] for check in of_the_warehouse] == [0, 0, 0]
    assert first["kpi_disk_free_bytes"][""] > 0
    assert len([record for record in caplog.records if "warehouse" in record.message]) == 1


def test_a_port_that_is_taken_is_a_sentence(port: int, quick: Settings) -> None:
    said = re.escape(f"Nothing can listen at {LOOPBACK}:{port} (Address already in use).")
    with pytest.raises(KpiError, match=f"^{said}$"):
        serve(quick, LOOPBACK, port)


@pytest.fixture
def prometheus(port: int, tmp_path: Path) -> Iterator[str]:
    """A real one, with the configuration and the rules of the repository; its address."""
    at = free_port()
    text = (MONITORING / "prometheus.yml").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:9464", f"{LOOPBACK}:{port}").replace("30s", "1s")
    (tmp_path / "prometheus.yml").write_text(text, encoding="utf-8")
    rules = (MONITORING / "alerts.yml").read_text(encoding="utf-8")
    (tmp_path / "alerts.yml").write_text(rules, encoding="utf-8")
    with subprocess.Popen(
        [
            "prometheus",
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'tsdb'}",
            f"--web.listen-address={LOOPBACK}:{at}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield f"http://{LOOPBACK}:{at}/api/v1"
        process.terminate()


def asked(prometheus: str, expression: str) -> list[dict[str, Any]]:
    """Ask until there is an answer."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            answer = httpx.get(f"{prometheus}/query", params={"query": expression}).json()
            if found := answer["data"]["result"]:
                return list(found)
        except (httpx.HTTPError, ValueError):  # it says in words that it is not ready yet
            pass
        time.sleep(0.2)
    return []


@pytest.mark.xdist_group("monitoring")
def test_prometheus_scrapes_it(prometheus: str) -> None:
    [up] = asked(prometheus, "kpi_warehouse_up")
    assert up["value"][1] == "1"
    names = {one["metric"]["check"] for one in asked(prometheus, "kpi_check_ok")}
    assert "disk" in names


@pytest.mark.xdist_group("monitoring")
def test_each_alert_does_what_its_test_says() -> None:
    tests = REPOSITORY / "tests" / "observed" / "alerts_test.yml"
    subprocess.run(["promtool", "test", "rules", tests], check=True, capture_output=True)
    rules = re.findall(r"alert: (\w+)", (MONITORING / "alerts.yml").read_text(encoding="utf-8"))
    text = tests.read_text(encoding="utf-8")
    fires = [rule for rule in rules if re.search(rf"alertname: {rule}\n\s+exp_alerts", text)]
    assert fires == rules


def test_rules_and_dashboard_ask_for_what_there_is() -> None:
    source = (REPOSITORY / "flows" / "observed" / "collector.py").read_text(encoding="utf-8")
    source += (REPOSITORY / "flows" / "observed" / "prefect.py").read_text(encoding="utf-8")
    declared = {f"kpi_{name}" for name in re.findall(r'_(?:gauge|value|rows)\(\s*"(\w+)"', source)}
    declared |= set(re.findall(r'"(kpi_\w+)"', source))
    asked_for = set(re.findall(r"kpi_\w+", (MONITORING / "alerts.yml").read_text("utf-8")))
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    expressions = [one["expr"] for panel in dashboard["panels"] for one in panel["targets"]]
    asked_for |= {name for text in expressions for name in re.findall(r"kpi_[a-z]\w+", text)}
    assert asked_for <= declared
