"""Every reason for and against making the candidate Production."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.churn.folders import churn_run_folder, read_result
from flows.churn.promotion.evaluate_candidate import Evaluation, evaluated
from flows.churn.run import ChurnRun
from flows.platform.pipeline.report import Report
from flows.platform.pipeline.run import Run
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings
from flows.settings.churn import ChurnSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Decision:
    """Whether the version becomes Production, with each reason for it and against it."""

    version: str
    promote: bool
    reasons_for: list[str]
    reasons_against: list[str]


def decide_promotion(settings: Settings, run: ChurnRun) -> Decision:
    """Decide by the settings' guardrails and the gain; write `decision.json`."""
    decision = decide(settings.churn, evaluated(settings, run))
    write_json(_file(settings, run), asdict(decision))
    logger.info(
        "Version %s %s be promoted. For: %s. Against: %s.",
        decision.version,
        "is to" if decision.promote else "is not to",
        "; ".join(decision.reasons_for) or "nothing",
        "; ".join(decision.reasons_against) or "nothing",
    )
    return decision


def decide(churn: ChurnSettings, evaluation: Evaluation) -> Decision:
    """Judge a candidate: one reason against it is enough to reject it."""
    judged = [
        *_guardrails(churn, evaluation),
        *_judged_base_rate(churn, evaluation),
        _judged_gain(churn, evaluation),
    ]
    return Decision(
        version=evaluation.version,
        promote=all(holds for holds, _ in judged),
        reasons_for=[reason for holds, reason in judged if holds],
        reasons_against=[reason for holds, reason in judged if not holds],
    )


def decided(settings: Settings, run: Run) -> Decision:
    """Return what `decide_promotion` decided for this run; raise BadInput before it ran."""
    return read_result(_file(settings, run), Decision, run, "decision", "decide_promotion")


def _guardrails(churn: ChurnSettings, evaluation: Evaluation) -> list[tuple[bool, str]]:
    holdout = evaluation.challenger
    rarer = min(holdout.churned, holdout.rows - holdout.churned)
    return [
        (
            holdout.rows >= churn.min_holdout_rows,
            f"{holdout.rows:,} holdout users (at least {churn.min_holdout_rows:,})",
        ),
        (
            rarer >= churn.min_class_rows,
            f"{rarer:,} holdout users of the rarer class (at least {churn.min_class_rows:,})",
        ),
        (
            holdout.roc_auc >= churn.min_auc,
            f"ROC AUC {holdout.roc_auc:.4f} (at least {churn.min_auc:g})",
        ),
        (
            holdout.calibration_error <= churn.max_calibration_error,
            f"calibration error {holdout.calibration_error:.4f} "
            f"(at most {churn.max_calibration_error:g})",
        ),
    ]


def _judged_base_rate(churn: ChurnSettings, evaluation: Evaluation) -> list[tuple[bool, str]]:
    """Judge how many churned: where that jumps, it is the data that changed, not the users."""
    now, before = evaluation.base_rate, evaluation.champion_base_rate
    if now is None or before is None:
        return []
    return [
        (
            abs(now - before) <= churn.max_base_rate_change,
            f"{now:.1%} of users churned, {before:.1%} when Production was trained (a change of at "
            f"most {churn.max_base_rate_change:.0%})",
        )
    ]


def _judged_gain(churn: ChurnSettings, evaluation: Evaluation) -> tuple[bool, str]:
    if evaluation.gain is None:
        return True, "there is no Production yet"
    gain, left_out = evaluation.gain, " and ".join(evaluation.champion_left_out)
    without = f" without {left_out}, which is left out by now" if left_out else ""
    return (
        gain.mean >= churn.promotion_min_delta,
        f"ROC AUC {gain.mean:+.4f} against Production version {evaluation.champion_version}"
        f"{without}, 95 % interval {gain.low:+.4f} to {gain.high:+.4f} "
        f"(at least +{churn.promotion_min_delta:g})",
    )


def _file(settings: Settings, run: Run) -> Path:
    return churn_run_folder(settings, run.run_id) / "decision.json"


def report_decision(settings: Settings, run: ChurnRun) -> list[Report]:
    """Every reason for and against the promotion."""
    decision = decided(settings, run)
    verdict = "is promoted" if decision.promote else "stays a candidate"
    text = "\n".join(
        [
            f"## Version {decision.version} {verdict}",
            "",
            *(f"- for: {reason}" for reason in decision.reasons_for),
            *(f"- **against**: {reason}" for reason in decision.reasons_against),
        ]
    )
    return [Report("markdown", "churn-promotion", f"Promotion {run}", text)]
