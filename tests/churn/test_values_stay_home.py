"""What the five files hold is in nothing that a run tells of itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows.commands.flow_runs import run_flow_in_process
from flows.errors import DataRejected
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, deliver
from tests.flow_runs import run_flow
from tests.webhook import webhook

if TYPE_CHECKING:
    from prefect import Flow

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

CELL, USER = "canary-cell", 47_114_711


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([f"{USER},{CELL},{CELL},,"], "column AGE: 1 cell is no whole number (row 1)"),
        ([f"{USER},30,{CELL},,", f"{USER},31,F,,"], "1 user has rows that say different things"),
        ([f"{USER},30,{CELL},,"], "DEMOGRAFICOS.csv knows 0.0% of the users of PAYMENTS.csv"),
    ],
)
def test_bad_cells_are_told_by_column_row_and_rule(
    rows: list[str], rule: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    source = deliver(tmp_path, DEMOGRAFICOS=rows)
    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        from flows.churn.training import churn_training

        ended = run_flow(churn_training, as_of=AS_OF, source=str(source))

    assert ended.failed
    assert rule in ended.message
    for told in (ended.everything, *hook.texts):
        assert CELL not in told
        assert str(USER) not in told
    assert len(hook.texts) == 1


def test_who_typed_the_command_is_told_the_cell(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    source = deliver(tmp_path, DEMOGRAFICOS=[f"{USER},{CELL},F,,"])

    def load() -> "Flow[Any, Any]":
        from flows.churn.training import churn_training

        return churn_training

    with pytest.raises(DataRejected) as error:
        run_flow_in_process(settings, load, as_of=AS_OF, source=str(source))
    assert f"1 cell is no whole number (row 1 '{CELL}')" in error.value.in_full
    assert CELL not in str(error.value)
