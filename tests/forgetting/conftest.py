"""A home and a warehouse in which a user has left traces everywhere."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.churn.campaigns.deliver import deliver_campaign
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot, snapshot
from flows.churn.features.snapshots.history import remember_snapshot
from flows.churn.model.score_users import create_month
from flows.churn.planning import plan_snapshot
from flows.crypto_events.landing.ingest import ingest
from flows.platform.storage.layout import prefect_home
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.churn_files import deliver
from tests.forgetting.traces import (
    COPIES,
    CRYPTO,
    LOGS,
    USER,
    Traces,
    decide_because_of_the_user,
    deliver_shop,
    leave,
    leave_with_prefect,
    run_with_bad_rows,
    with_user,
)


@pytest.fixture
def delivered(
    make_settings: Callable[..., Settings],
    db: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Traces:
    """Deliveries, replaced rows, checked files, a snapshot, scores, and what runs leave around."""
    settings = make_settings(first_year=2020, last_year=2030)
    traces = Traces(settings, tmp_path / "morning.csv", tmp_path / "churn", tmp_path / "shop.csv")
    traces.crypto.write_text(CRYPTO, encoding="utf-8")
    for _ in range(2):
        ingest(settings, traces.crypto, "replace-days")
    deliver_shop(settings, traces.shop)
    deliver(traces.churn, **with_user())
    monkeypatch.setenv("PREFECT_HOME", str(prefect_home(settings)))
    leave_with_prefect(settings)
    leave(settings, *LOGS, *COPIES)
    scoring = plan_snapshot(settings, source=traces.churn, run_id="scoring")
    built = build_current_snapshot(settings, scoring)
    remember_snapshot(settings, scoring.as_of, snapshot(settings, scoring), built.lookback_days)
    create_month(settings, date(2026, 6, 30))
    db.execute(
        "INSERT INTO prod.bt_churn_scores (as_of, user_id, model_version, probability)"
        " VALUES ('2026-06-30', %s, '1', 0.5), ('2026-06-30', 1, '1', 0.5)",
        [USER],
    )
    decide_because_of_the_user(settings, db)
    campaign = tmp_path / "campaign.csv"
    campaign.write_text(f"user_id,contacted_on,group\n{USER},2026-07-01,contacted\n")
    deliver_campaign(settings, campaign)
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_of_other_keys (purchase_date, site_id, user_id,"
        " crypto_type, purchase_price, purchase_units, purchase_value, is_active, created_at,"
        " updated_at) VALUES ('2025-03-10', 'BRASIL', %s, 'BTC', 1, 1, 1, true, now(), now())",
        [USER],
    )
    return traces


@pytest.fixture
def traces(delivered: Traces) -> Traces:
    """The same after a run with bad rows, some dismissed, and with the log of a bug."""
    run_with_bad_rows(delivered.settings)
    # The run has removed some.
    leave(delivered.settings, *COPIES)
    return delivered
