"""Prefect waits for a person's approval before a promotion, when the settings require it."""

import logging
from typing import cast

from prefect import pause_flow_run
from prefect.input import RunInput

from flows.churn.promotion.approval import Approval, approval_of, save_approval
from flows.churn.promotion.decide_promotion import Decision
from flows.churn.run import ChurnRun
from flows.settings import Settings

logger = logging.getLogger(__name__)


class Answer(RunInput):
    """The form that Prefect shows."""

    approve: bool
    by: str
    why: str


def ask_for_approval(settings: Settings, run: ChurnRun, decision: Decision) -> bool:
    """Return whether the version may be promoted; pauses the flow run until somebody answers.

    Asks nobody unless the settings require approval; an earlier answer counts.
    """
    if not settings.churn.require_approval:
        return True
    known = approval_of(settings, run, decision.version)
    if known is None:
        logger.info("Version %s waits for an answer in Prefect.", decision.version)
        form = Answer.with_initial_data(
            description=f"May version {decision.version} become Production?\n\n"
            + "\n".join(f"- {reason}" for reason in decision.reasons_for),
            approve=False,
            by="",
            why="",
        )
        timeout = settings.churn.approval_timeout_seconds
        answer = cast("Answer", pause_flow_run(wait_for_input=form, timeout=timeout))
        known = Approval(decision.version, answer.approve, by=answer.by, why=answer.why)
        save_approval(settings, run, known)
    return known.approved
