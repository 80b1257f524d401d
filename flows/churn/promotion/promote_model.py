"""Make the candidate Production, or record why it stays a candidate."""

import logging
import shlex
from dataclasses import dataclass

from flows.churn.model.registry import make_production, production_version
from flows.churn.promotion import ledger
from flows.churn.promotion.approval import approval_of
from flows.churn.promotion.decide_promotion import decided
from flows.churn.promotion.evaluate_candidate import evaluated
from flows.churn.run import ChurnRun
from flows.errors import PublicationRefused
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Promotion:
    """What happened to the version, and why; `production` is the version in Production now."""

    version: str
    promoted: bool
    production: str | None
    reasons: list[str]


def promote_model(settings: Settings, run: ChurnRun) -> Promotion:
    """Move the version to Production, archive the former, and write the ledger.

    Raises PublicationRefused when the decision, or a person, says no, or when Production is not
    the version that the candidate was compared with.
    """
    decision, evaluation = decided(settings, run), evaluated(settings, run)
    approval = approval_of(settings, run, decision.version)
    if not decision.promote:
        raise PublicationRefused(
            f"Version {decision.version} is not to be promoted: "
            f"{'; '.join(decision.reasons_against)}."
        )
    if settings.churn.require_approval and not (approval and approval.approved):
        answer = (
            f"{approval.by} said no: {approval.why}"
            if approval
            else f"nobody approved it. Do so with `kpi model approve {shlex.quote(run.run_id)}`, "
            "then run promote_model again"
        )
        raise PublicationRefused(f"Version {decision.version} is not promoted: {answer}.")
    client = mlflow_client(settings)
    production = production_version(client)
    if production not in (evaluation.champion_version, decision.version):
        raise PublicationRefused(
            f"Production is version {production} by now, but version {decision.version} was "
            f"compared with {evaluation.champion_version or 'none'}.",
            needs_step="evaluate_candidate",
        )
    make_production(client, decision.version)
    reasons = [*decision.reasons_for, *([f"approved: {approval.why}"] if approval else [])]
    ledger.record(
        settings,
        "promoted",
        decision.version,
        evaluation.champion_version,
        reasons,
        decided_by=approval.by if approval else None,
        run_id=run.run_id,
    )
    logger.info("Version %s of the churn model is Production.", decision.version)
    return Promotion(decision.version, True, decision.version, reasons)


def skip_promotion(settings: Settings, run: ChurnRun) -> Promotion:
    """Leave Production as it is, and write the ledger with the reasons."""
    decision = decided(settings, run)
    approval = approval_of(settings, run, decision.version)
    reasons = list(decision.reasons_against)
    if approval and not approval.approved:
        reasons.append(f"{approval.by} said no: {approval.why}")
    production = production_version(mlflow_client(settings))
    ledger.record(
        settings,
        "skipped",
        decision.version,
        production,
        reasons,
        decided_by=approval.by if approval else None,
        run_id=run.run_id,
    )
    logger.info(
        "Version %s stays a candidate: %s.", decision.version, "; ".join(reasons) or "no reason"
    )
    return Promotion(decision.version, False, production, reasons)
