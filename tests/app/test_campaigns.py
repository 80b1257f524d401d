"""The Model page says what campaigns changed."""

from datetime import date

from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings
from tests.app.app_pages import Open, tables


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
