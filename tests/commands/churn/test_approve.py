"""`kpi model approve`: the answer for a training that nobody is asked about in Prefect."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from flows.churn.folders import churn_run_folder
from flows.churn.promotion.approval import Approval, approval_of
from flows.churn.promotion.decide_promotion import Decision
from flows.platform.pipeline.run import Run
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings

Kpi = Callable[..., Any]
RUN = Run(as_of=date(2026, 6, 30), run_id="churn_training_dag/manual__1")


def test_the_answer_is_kept_with_the_run(warehouse: Settings, kpi: Kpi) -> None:
    decision = Decision("3", promote=True, reasons_for=["better"], reasons_against=[])
    write_json(churn_run_folder(warehouse, RUN.run_id) / "decision.json", asdict(decision))

    yes = kpi("model", "approve", RUN.run_id, "--by", "Ana", "--why", "looks right")
    assert (yes.code, yes.out) == (0, "Version 3 may become Production, says Ana.\n")
    assert approval_of(warehouse, RUN, "3") == Approval("3", True, by="Ana", why="looks right")

    no = kpi("model", "approve", RUN.run_id, "--by", "Ana", "--why", "too soon", "--refuse")
    assert no.out == "Version 3 may not become Production, says Ana.\n"
    assert approval_of(warehouse, RUN, "3") == Approval("3", False, by="Ana", why="too soon")


def test_a_run_without_a_decision_is_named(warehouse: Settings, kpi: Kpi) -> None:
    said = kpi("model", "approve", "nothing", "--why", "looks right")

    assert said.code == 2
    assert said.sentence == (
        "kpi: Run nothing has no decision yet: look whether the id is right, and whether its step "
        "decide_promotion ran."
    )
