"""Make the candidate Production, or record why it stays a candidate."""

import logging
import shlex
from dataclasses import dataclass

from flows.churn.model.training_result import trained
from flows.churn.production.document import read_document
from flows.churn.production.truth import settled
from flows.churn.promotion.approval import approval_of
from flows.churn.promotion.asked_for import asked_for
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
    """Write the ledger, move the version to Production, and archive the former.

    Raises PublicationRefused when the decision, or a person, says no, when Production is not the
    version that the candidate was compared with, or not any more what this run made it; KpiError
    when MLflow does not hold the model that the run trained.
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
    reasons = [
        *decision.reasons_for,
        *([f"approved: {approval.why}"] if approval else []),
        *asked_for(settings, run),
    ]
    document = read_document(mlflow_client(settings), decision.version).as_trained(
        trained(settings, run).model_sha256
    )
    with settled(settings) as now:
        if now.production not in (evaluation.champion_version, decision.version):
            raise PublicationRefused(
                f"Production is {_or_empty(now.production)} by now, but version "
                f"{decision.version} was compared with {evaluation.champion_version or 'none'}.",
                needs_step="evaluate_candidate",
            )
        now.change(
            "promoted",
            document,
            evaluation.champion_version,
            reasons,
            decided_by=approval.by if approval else None,
            run_id=run.run_id,
        )
        if now.production != decision.version:
            raise PublicationRefused(
                f"This run made version {decision.version} Production before, and somebody "
                f"changed that since: Production is {_or_empty(now.production)}. Train again."
            )
    logger.info("Version %s of the churn model is Production.", decision.version)
    return Promotion(decision.version, True, decision.version, reasons)


def skip_promotion(settings: Settings, run: ChurnRun) -> Promotion:
    """Leave Production as it is, and write the ledger with the reasons, and why it was trained."""
    decision = decided(settings, run)
    approval = approval_of(settings, run, decision.version)
    reasons = list(decision.reasons_against)
    if approval and not approval.approved:
        reasons.append(f"{approval.by} said no: {approval.why}")
    with settled(settings) as now:
        now.skip(
            decision.version,
            [*reasons, *asked_for(settings, run)],
            decided_by=approval.by if approval else None,
            run_id=run.run_id,
        )
    logger.info(
        "Version %s stays a candidate: %s.", decision.version, "; ".join(reasons) or "no reason"
    )
    return Promotion(decision.version, False, now.production, reasons)


def _or_empty(version: str | None) -> str:
    return f"version {version}" if version else "empty"
