"""What models learn of a simulated campaign, whose contacts keep most of those who would churn."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.engines import churn_spark
from flows.churn.features.feature_engineering import FeatureTable, features
from flows.churn.features.labelled_users import read_users, weights
from flows.churn.model.challengers import fit_trees
from flows.churn.model.challengers.candidates import Candidate, fit_candidates
from flows.churn.model.few_users import few_users
from flows.churn.model.kinds.tried import Kind
from flows.churn.model.metrics import Vector, quality
from flows.churn.model.spark_fit import prepare
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.platform.compute.spark import spark_address, stop_spark
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.campaigns.test_contacted import SCORED, contact
from tests.churn.features.churn_features import feature_frame, make_features
from tests.churn.handmade_models import with_churn

pytestmark = pytest.mark.xdist_group("spark")

KEPT = 0.8
"""Of the contacted who would have churned."""


@pytest.fixture(autouse=True)
def _without_spark_afterwards() -> Iterator[None]:
    yield
    stop_spark()


def fitted(settings: Settings, run: ChurnRun, table: FeatureTable) -> dict[Kind, Candidate]:
    """Each kind, fitted to the users of a run."""
    names = [name for name in FEATURE_NAMES if name not in table.empty_features]
    folder = features(settings, run)
    users = read_users(folder, holdout=False)
    spark, few = churn_spark(settings, table.users), few_users(users, names, 0.05)
    prepared = prepare(spark, [spark_address(folder)], "NOT in_holdout", names, 0.05, few)
    return {each.kind: each for each in fit_candidates(settings.churn, 30, prepared, users)}


def with_who_was_kept(source: Path, folder: Path, kept: pd.Index) -> Path:
    """The same delivery, in which these users pay once more, some days after the contact."""
    folder.mkdir()
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    payments = pd.read_csv(source / "PAYMENTS.csv", dtype=str, keep_default_na=False)
    more = payments[payments["CUS_CUST_ID_BUY"].astype("int64").isin(kept)]
    more = more.drop_duplicates("CUS_CUST_ID_BUY").assign(FECHA=str(SCORED + timedelta(days=9)))
    pd.concat([payments, more]).sort_values("FECHA", kind="stable").to_csv(
        folder / "PAYMENTS.csv", index=False
    )
    return folder


@pytest.mark.long
def test_without_the_contacted_models_are_nearer_to_the_truth(
    settings: Settings, db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The truth is what happens without any campaign."""
    monkeypatch.setattr(fit_trees, "MOST_TREES", 15)
    settings = with_churn(settings, challengers=("trees", "bg_nbd"))
    random = np.random.default_rng(5)
    source = tmp_path / "without"
    source.mkdir()
    write_sample_data(source, users=3000, seed=3)
    run, table = make_features(settings, source, AS_OF, "truth")
    everybody = feature_frame(settings, run)
    paid = everybody["payment_days"] > 0
    truth = said(fitted(settings, run, table), everybody)
    first = truth["logistic regression"]
    chosen = paid & (first >= np.quantile(first[paid], 0.6))
    contacted = chosen & (random.random(len(everybody)) < 0.7)
    kept = contacted & (everybody["churned"] == 1) & (random.random(len(everybody)) < KEPT)
    happened = with_who_was_kept(source, tmp_path / "happened", everybody.index[kept])

    run, table = make_features(settings, happened, AS_OF, "with the contacted")
    assert table.churned == everybody["churned"].sum() - kept.sum()
    misled = said(fitted(settings, run, table), everybody)

    contact(
        db,
        settings,
        everybody.index[contacted].tolist(),
        everybody.index[chosen & ~contacted].tolist(),
    )
    run, table = make_features(settings, happened, AS_OF, "without the contacted")
    assert (table.contacted, table.unspoken) == (contacted.sum(), 0)
    assert table.churned_share == pytest.approx(everybody["churned"].mean(), abs=0.02)
    own = fitted(settings, run, table)
    ours = said(own, everybody)

    for kind in ("logistic regression", "gradient-boosted trees", "BG/NBD"):
        error, others = (
            float((each[kind] - truth[kind])[chosen].mean()) for each in (ours, misled)
        )
        assert others < -0.15
        assert abs(error) < -others / 3
        losses = [
            quality(everybody["churned"].to_numpy(), each[kind]).log_loss
            for each in (truth, ours, misled)
        ]
        assert losses[1] - losses[0] < (losses[2] - losses[0]) / 2
    # A tenth of the active users is flagged, of all of them, not of those who are left.
    active = everybody["payments_last_90d"] > 0
    threshold = own["logistic regression"].model.threshold
    flagged = ours["logistic regression"] >= threshold
    assert flagged[active].mean() == pytest.approx(0.1, abs=0.03)
    weight = weights(read_users(features(settings, run), holdout=False))
    assert weight is not None
    assert weight.max() == pytest.approx(chosen.sum() / (chosen & ~contacted).sum())


def said(candidates: dict[Kind, Candidate], users: pd.DataFrame) -> dict[Kind, Vector]:
    return {
        kind: each.model.probabilities(users.reset_index()) for kind, each in candidates.items()
    }
