"""The Model page says whether scores were right, what is only estimated, what campaigns changed."""

from datetime import date
from typing import Any

from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings
from tests.app.app_pages import Open, said, tables

NOTHING: dict[str, Any] = dict.fromkeys(
    (
        *("churned", "expected_churned", "roc_auc", "roc_auc_low", "roc_auc_high"),
        *(
            "expected_roc_auc",
            "calibration_error",
            "contacts",
            "precision_at_capacity",
            "lift_at_capacity",
        ),
        *("why", "asks_for_training"),
    )
)


def record(db: Connection, day: date, kind: str, among: str = "all", **columns: Any) -> None:
    """Record an outcome of version 3, of 1,200 users."""
    row = {"as_of": day, "model_version": "3", "among": among, "kind": kind, "last_day": day}
    values = {**NOTHING, **row, "users": 1200, "run_id": "r", **columns}
    execute(db, "churn/outcomes/record.sql", values)


def test_measured_estimated_and_not_measured_are_told_apart(
    settings: Settings, db: Connection, open_page: Open
) -> None:
    auc = {"roc_auc": 0.7312, "roc_auc_low": 0.7, "roc_auc_high": 0.76}
    record(db, date(2026, 5, 31), "not measured", why="PAYMENTS.csv ends early.")
    record(
        db,
        date(2026, 6, 7),
        "realized",
        "active",
        churned=300,
        expected_churned=312.4,
        lift_at_capacity=2.5,
        asks_for_training="Version 3 has lost 3 % of its AUC.",
        **auc,
    )
    record(db, date(2026, 6, 14), "realized", "active, not contacted", churned=9, **auc)
    record(db, date(2026, 6, 28), "estimated", expected_churned=400, **auc)
    app = open_page("model")
    (outcomes,) = tables(app)
    assert [(row["Scored as of"], row["Users"], row["How"]) for row in outcomes] == [
        ("2026-06-28", "1,200 all", "estimated"),
        ("2026-06-14", "1,200 active, not contacted", "measured"),
        ("2026-06-07", "1,200 active", "measured"),
        ("2026-05-31", "1,200 all", "not measured"),
    ]
    assert [row["ROC AUC"] for row in outcomes[2:]] == ["0.731 [0.700, 0.760]", "-"]
    assert outcomes[2]["Churned / expected"] == "300 / 312"
    assert "PAYMENTS.csv ends early." in said(app)
    assert "Version 3 has lost 3 % of its AUC." in said(app)
    assert "sin medir" in str(tables(open_page("model", "es")))


def test_before_any_scores_it_says_what_fills_it(settings: Settings, open_page: Open) -> None:
    assert "No scores were compared with what happened yet: `kpi drift`" in said(open_page("model"))


def test_contacted_and_held_out_are_shown_apart(
    settings: Settings, db: Connection, open_page: Open
) -> None:
    row = {"as_of": date(2026, 5, 31), "model_version": "3", "last_day": date(2026, 6, 30)}
    groups = {"contacted": 40, "contacted_churned": 10, "control": 30, "control_churned": 20}
    interval = {"difference": -0.417, "difference_low": -0.594, "difference_high": -0.182}
    execute(db, "churn/campaigns/record.sql", {**row, **groups, **interval, "run_id": "r"})
    nobody = {**groups, "control": 0, "control_churned": 0, **dict.fromkeys(interval)}
    execute(
        db,
        "churn/campaigns/record.sql",
        {**row, **nobody, "as_of": date(2026, 5, 24), "run_id": "r"},
    )
    db.commit()
    (campaigns,) = tables(open_page("model", "es"))
    assert list(campaigns[0].values()) == [
        "2026-05-31",
        "3",
        "10 / 40 (25.0%)",
        "20 / 30 (66.7%)",
        "-41.7% [-59.4%, -18.2%]",
    ]
    assert list(campaigns[1].values())[3:] == ["0 / 0", "-"]
