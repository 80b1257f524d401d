"""`kpi model history` and `kpi doctor` tell how MLflow and the ledger differ, and mend nothing."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from flows.churn.production.in_mlflow import ALIAS, MODEL
from flows.churn.production.truth import production_version
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.churn.production.killed import promote_and_die

Kpi = Callable[..., Any]

BY_HAND = (
    "Somebody made version 2 Production in MLflow: MLflow's stage says 1, its alias 2, the ledger "
    "1. The next training, scoring or rollback writes that to the ledger and follows it."
)
CUT_SHORT = (
    "The ledger's last change (promoted, version 2) is under way, or was cut short: MLflow's stage "
    "says 2, its alias 1, the ledger 2. The next training, scoring or rollback completes it."
)


@pytest.fixture
def registry(warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow with version 1 as Production."""
    registry = Registry(warehouse, tmp_path_factory)
    registry.promoted("fair")
    return registry


def actions(kpi: Kpi) -> list[str]:
    """What the ledger says, newest first."""
    return [line["action"] for line in json.loads(kpi("model", "history", "--format", "json").out)]


def test_a_change_by_hand_is_told_until_it_is_in_the_ledger(registry: Registry, kpi: Kpi) -> None:
    agreed = "Production: version 1, as MLflow's stage, its alias and the ledger say\n"
    assert agreed in kpi("doctor").out
    assert kpi("model", "history").err == ""
    registry.evaluated("good")
    registry.client.set_registered_model_alias(MODEL, ALIAS, "2")

    doctor, history = kpi("doctor"), kpi("model", "history")

    assert (doctor.code, history.code) == (1, 0)
    assert f"FAIL  {BY_HAND}\n" in doctor.out
    assert history.err == f"{BY_HAND}\n"
    assert actions(kpi) == ["promoted"]

    assert production_version(registry.settings) == "2"
    doctor = kpi("doctor")
    assert doctor.code == 0
    assert (
        "ok    Production: version 2, as MLflow's stage, its alias and the ledger say, promoted by "
        "hand (kpi model history)\n"
    ) in doctor.out
    assert actions(kpi) == ["promoted by hand", "promoted"]


@pytest.mark.xdist_group("killed_production")
def test_a_change_that_was_cut_short_is_told_and_the_next_command_completes_it(
    registry: Registry, kpi: Kpi
) -> None:
    run, _ = registry.evaluated("good")
    promote_and_die(registry.settings, run, "between stage and alias")
    assert f"FAIL  {CUT_SHORT}\n" in kpi("doctor").out
    assert kpi("model", "history").err == f"{CUT_SHORT}\n"

    said = kpi("model", "rollback", "--why", "support is flooded")

    assert (said.code, said.out) == (
        0,
        "Production is version 1 again; version 2 is archived.\n",
    )
    assert kpi("model", "history").err == ""
    assert actions(kpi) == ["rolled back", "promoted", "promoted"]


def test_a_ledger_of_an_earlier_version_is_not_compared(
    registry: Registry, kpi: Kpi, db: Connection
) -> None:
    db.execute("ALTER TABLE dqm.bt_churn_promotions DROP COLUMN applied_at")
    assert "ok    Production: compared when the next run has brought" in kpi("doctor").out


class LetsNobodyIn(BaseHTTPRequestHandler):
    """A server that is healthy, and refuses all else."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200 if self.path == "/health" else 403)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_an_mlflow_that_refuses_us_is_told(
    registry: Registry, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), LetsNobodyIn)
    Thread(target=server.serve_forever).start()
    try:
        monkeypatch.setenv("KPI_MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
        doctor, history = kpi("doctor"), kpi("model", "history")
    finally:
        server.shutdown()
        server.server_close()
    assert "FAIL  MLflow does not say what is Production: " in doctor.out
    assert (history.code, "promoted" in history.out) == (0, True)
    assert "Whether MLflow agrees is not known. MLflow does not say what" in history.err


def test_where_mlflow_is_away_the_ledger_is_shown(
    registry: Registry, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    said = kpi("model", "history")
    assert said.code == 0
    assert "promoted" in said.out
    assert said.err.startswith(
        "Whether MLflow agrees is not known. MLflow does not answer at http://127.0.0.1:9"
    )
