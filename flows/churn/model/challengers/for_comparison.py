"""Fits beside the candidate's: what age costs, and what leaving features out does."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.churn.features.definitions import FEATURE_NAMES, FEATURES, used_features
from flows.churn.features.feature_engineering import feature_table, features, snapshot_of
from flows.churn.features.labelled_users import read_few_users, read_users, weights
from flows.churn.model.few_users import FewUsers, few_users
from flows.churn.model.metrics import quality
from flows.churn.run import ChurnRun
from flows.platform.compute.session_options import FEW_ROWS
from flows.platform.compute.shared import Shared
from flows.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from flows.churn.model.spark_fit import PreparedUsers

_PAYMENT_FEATURES = tuple(feature.name for feature in FEATURES if feature.source == "payments")
_PAYER = "payment_days"
"""The feature that is more than 0 for users of whose payments the features read any."""


def teaching(settings: Settings, run: ChurnRun) -> list[Path]:
    """Return the folders of the snapshots that teach: today's, and earlier ones."""
    earlier = feature_table(settings, run).earlier_cutoffs
    return [features(settings, run), *(snapshot_of(settings, run, cutoff) for cutoff in earlier)]


def with_sensitive(
    settings: Settings,
    run: ChurnRun,
    shared: Shared,
    holdout: "pd.DataFrame",
    regularization: float | None,
) -> float | None:
    """Return a logistic regression's ROC AUC with the sensitive features.

    None where none of them is left out, or known.
    """
    from flows.churn.model.spark_fit import fit_to_compare

    empty = feature_table(settings, run).empty_features
    names = [name for name in FEATURE_NAMES if name not in empty]
    if regularization is None or not set(names) - set(used_features(settings.churn)):
        return None
    with prepared(settings, shared, teaching(settings, run), names) as rows:
        linear = fit_to_compare(rows, regularization)
    probability = linear.probabilities(holdout)
    return quality(holdout["churned"].to_numpy(), probability, weights(holdout)).roc_auc


def on_payments_alone(
    settings: Settings, shared: Shared, folder: Path, holdout: "pd.DataFrame"
) -> float | None:
    """Return the ROC AUC of a logistic regression on that folder's payments, on payers held out.

    Of today's features and of those one label window earlier, so that the two differ by age alone:
    payments are all that is known of an earlier day, and so are the users who had paid by then.
    None where those who teach, or who are held out, are all of one class.
    """
    from flows.churn.model.spark_fit import fit_to_compare

    teach, measured = read_users(folder, holdout=False), holdout[holdout[_PAYER] > 0]
    teach = teach[teach[_PAYER] > 0]
    if any(users["churned"].nunique() <= 1 for users in (teach, measured)):
        return None
    below, regularization = settings.churn.class_weights_below, settings.churn.regularizations[0]
    few = few_users(teach, _PAYMENT_FEATURES, below) if len(teach) <= FEW_ROWS else None
    linear = few.fit(regularization) if few else None
    if linear is None:
        where = f"NOT in_holdout AND {_PAYER} > 0"
        with _prepared(settings, shared, [folder], where, _PAYMENT_FEATURES, few) as rows:
            linear = fit_to_compare(rows, regularization)
    probability = linear.probabilities(measured)
    return quality(measured["churned"].to_numpy(), probability, weights(measured)).roc_auc


@contextmanager
def prepared(
    settings: Settings, shared: Shared, folders: list[Path], names: Sequence[str]
) -> Iterator["PreparedUsers"]:
    """Hold the users of these folders who are not held out in Spark, ready for fits of `names`."""
    users = read_few_users(folders, FEW_ROWS)
    below = settings.churn.class_weights_below
    few = few_users(users, names, below) if users is not None else None
    with _prepared(settings, shared, folders, "NOT in_holdout", names, few) as held:
        yield held


@contextmanager
def _prepared(
    settings: Settings,
    shared: Shared,
    folders: list[Path],
    where: str,
    names: Sequence[str],
    few: FewUsers | None,
) -> Iterator["PreparedUsers"]:
    from flows.churn.model.spark_fit import prepare

    addresses = [shared.address(folder) for folder in folders]
    below = settings.churn.class_weights_below
    users = prepare(shared.spark, addresses, where, names, below, few)
    try:
        yield users
    finally:
        users.rows.unpersist()
