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
from tests.churn.tampering import change_coefficients, files_of

Kpi = Callable[..., Any]

BY_HAND = (
    "Somebody made version 2 Production in MLflow: MLflow's stage says 1, its alias 2, the ledger "
    "1. The next training, scoring or rollback writes that to the ledger and takes it back. To "
    'take it in: kpi model accept 2 --why "…".'
)
CUT_SHORT = (
    "The ledger's last change (promoted, version 2) is under way, or was cut short: MLflow's stage "
    "says 2, its alias 1, the ledger 2. The next training, scoring or rollback completes it."
)


@pytest.fixture
def registry(warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow with version 1 as Production."""
    return Registry(warehouse, tmp_path_factory, ["fair"])


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

    assert production_version(registry.settings) == "1"
    doctor = kpi("doctor")
    assert doctor.code == 0
    assert (
        "ok    Production: version 1, as MLflow's stage, its alias and the ledger say, taken back "
        "(kpi model history)\n"
    ) in doctor.out
    assert actions(kpi) == ["taken back", "promoted"]

    accepted = kpi("model", "accept", "2", "--why", "better", "--by", "ana")
    sha256 = registry.logged["good"].model_sha256
    assert accepted.out == f"Version 2 is Production, known by SHA-256 {sha256}.\n"
    assert "version 2, as MLflow's stage, its alias and the ledger say, acc" in kpi("doctor").out
    newest = json.loads(kpi("model", "history", "--format", "json").out)[0]
    assert (newest["decided_by"], newest["reasons"]) == ("ana", ["better"])
    assert newest["model_sha256"] == sha256[:12]


def test_changed_coefficients_are_told_and_taken_in_by_a_person_alone(
    registry: Registry, kpi: Kpi
) -> None:
    with files_of(registry, "fair") as folder:
        change_coefficients(folder)
        doctor = kpi("doctor")
        assert doctor.code == 1
        assert "FAIL  Version 1 of churn-model is refused: its coefficients.json in" in doctor.out
        assert kpi("model", "accept", "1", "--why", "from the backup").code == 0
        assert kpi("doctor").code == 0


def test_a_version_of_before_hashes_were_kept_is_told(
    registry: Registry, kpi: Kpi, db: Connection
) -> None:
    db.execute("UPDATE dqm.bt_churn_promotions SET model_sha256 = NULL")
    told = "Production: version 1 (the next training, scoring or rollback records its SHA-256), as"
    assert told in kpi("doctor").out


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
