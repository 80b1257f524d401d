"""Register the candidate, and compare it with Production on the same users."""

import logging
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flows.churn.features.feature_engineering import features, features_of_lookback
from flows.churn.features.labelled_users import read_users, weights
from flows.churn.folders import churn_run_folder, read_result
from flows.churn.model.decisions.left_out import left_out_of, without
from flows.churn.model.logged.registry import base_rate, register_version
from flows.churn.model.lookback import lookback_of
from flows.churn.model.metrics import Gain, Quality, gain, quality
from flows.churn.model.model_document import model_of
from flows.churn.model.training_result import trained
from flows.churn.production.document import Document, read_document
from flows.churn.production.truth import known_production
from flows.churn.run import ChurnRun
from flows.errors import BadInput
from flows.platform.storage.atomic_files import write_json
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

if TYPE_CHECKING:
    from pandas import DataFrame

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evaluation:
    """The candidate and Production on the users that neither was trained on.

    Without a Production, `champion_version`, `champion` and `gain` are None. The base rates are
    the shares of users who churned, in the data of each one's training; None where MLflow does not
    know it. `champion_left_out`: what Production was trained with and is left out by now, in which
    each user was the average one of its training.
    """

    version: str
    challenger: Quality
    champion_version: str | None
    champion: Quality | None
    gain: Gain | None
    base_rate: float | None = None
    champion_base_rate: float | None = None
    champion_left_out: list[str] = field(default_factory=list)


def evaluate_candidate(settings: Settings, run: ChurnRun) -> Evaluation:
    """Register the run's model as a version, score the holdout with it and with Production.

    Writes `evaluation.json`. A version that is Production already keeps its evaluation. Raises
    KpiError when MLflow does not hold the model that the run trained, or that was promoted.
    """
    training = trained(settings, run)
    client = mlflow_client(settings)
    production = known_production(settings)
    version = register_version(
        client,
        training.model_uri,
        training.mlflow_run_id,
        f"Trained as of {run.as_of}: {training.kind}, ROC AUC {training.holdout.roc_auc:.3f} on "
        "the holdout.",
    )
    if production and production.version == version:
        return evaluated(settings, run)
    candidate = read_document(client, version).as_trained(training.model_sha256)
    evaluation = Evaluation(
        version=version,
        challenger=training.holdout,
        champion_version=None,
        champion=None,
        gain=None,
        base_rate=base_rate(client, version),
    )
    if production:
        holdout = read_users(features(settings, run), holdout=True)
        churned = holdout["churned"].to_numpy()
        champion = read_document(client, production.version).as_promoted(production.sha256)
        model = model_of(champion)
        left_out = left_out_of(settings.churn, model)
        described = _as_trained(settings, run, champion, holdout)
        former = without(model, left_out).probabilities(described)
        evaluation = replace(
            evaluation,
            champion_version=champion.version,
            champion=quality(churned, former, weights(holdout)),
            gain=gain(
                churned,
                model_of(candidate).probabilities(holdout),
                former,
                settings.churn.bootstrap_rounds,
                settings.churn.seed,
                weights(holdout),
            ),
            champion_base_rate=base_rate(client, champion.version),
            champion_left_out=left_out,
        )
    write_json(_file(settings, run), asdict(evaluation))
    return evaluation


def evaluated(settings: Settings, run: ChurnRun) -> Evaluation:
    """Return what `evaluate_candidate` found for this run; raise BadInput before it ran."""
    path = _file(settings, run)
    return read_result(path, Evaluation, run, "evaluation", "evaluate_candidate")


def _as_trained(
    settings: Settings, run: ChurnRun, model: Document, holdout: "DataFrame"
) -> "DataFrame":
    """Return the holdout described by as many days of payments as the model was trained with."""
    lookback_days = lookback_of(settings, model)
    if lookback_days is None:
        return holdout
    try:
        folder = features_of_lookback(settings, run, lookback_days)
    except BadInput as short:
        if short.needs_step:
            raise
        logger.warning("Version %s is compared on fewer days of payments: %s", model.version, short)
        return holdout
    return holdout if folder == features(settings, run) else read_users(folder, holdout=True)


def _file(settings: Settings, run: ChurnRun) -> Path:
    return churn_run_folder(settings, run.run_id) / "evaluation.json"
