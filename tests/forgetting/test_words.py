"""What people wrote loses the id; what a training found about itself keeps its numbers."""

from datetime import date

import pytest

from flows.churn.folders import churn_run_folder
from flows.churn.promotion.approval import Approval, approval_of, save_approval
from flows.errors import KpiError
from flows.forgetting.trace import Trace, by_place
from flows.forgetting.words import forget_in_approvals, forget_in_words
from flows.platform.forgetting.people import People
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

HER = People("7")
RUN = Run(as_of=date(2026, 6, 30), run_id="first")


def test_reasons_of_people_lose_the_id(db: Connection) -> None:
    for action, reasons in {
        "rolled back": ["7 left, version 6 knows them"],
        "skipped": ["7 of 30 columns", "Ana said no: 7 asked"],
        "promoted": ["version 7 is better", "approved: 7 asked"],
    }.items():
        db.execute(
            "INSERT INTO dqm.bt_churn_promotions (action, version, decided_by, reasons)"
            " VALUES (%s, '7', 'Ana', %s)",
            [action, reasons],
        )

    assert by_place(forget_in_words(db, HER)) == [
        Trace("dqm.bt_churn_promotions", 3, "made nameless")
    ]

    rows = db.execute(
        "SELECT reasons, version FROM dqm.bt_churn_promotions ORDER BY promotion_id"
    ).fetchall()
    assert [(row["reasons"], row["version"]) for row in rows] == [
        (["x left, version 6 knows them"], "7"),
        (["7 of 30 columns", "Ana said no: x asked"], "7"),
        (["version 7 is better", "approved: x asked"], "7"),
    ]


def test_so_does_an_answer_that_lies_with_its_run(settings: Settings) -> None:
    save_approval(settings, RUN, Approval("7", approved=True, by="Ana", why="user 7 asked"))
    broken = churn_run_folder(settings, "broken") / "approval.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("[")

    with pytest.raises(KpiError, match="cannot be searched: it is no answer of ours"):
        forget_in_approvals(settings, HER, dry_run=False)

    assert approval_of(settings, RUN, "7") == Approval("7", True, "Ana", "user x asked")
