"""Every kind on made-up users, fitted on real Spark: what is served is what Spark says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.engines import churn_spark
from flows.churn.features.labelled_users import read_users
from flows.churn.model.challengers import fit_trees, for_comparison
from flows.churn.model.challengers.candidates import Candidate, fit_candidates
from flows.churn.model.challengers.choice import measure
from flows.churn.model.few_users import few_users
from flows.churn.model.kinds.boosted_trees import BoostedTrees
from flows.churn.model.model_document import model_of, write_document
from flows.churn.model.spark_fit import prepare
from flows.churn.production.document import parse_document
from flows.platform.compute.session_options import FEW_ROWS
from flows.platform.compute.shared import shared_storage
from flows.platform.compute.spark import spark_address, stop_spark
from flows.settings import Settings

pytestmark = pytest.mark.xdist_group("spark")

NAMES = (
    "payment_days",
    "payment_recency_days",
    "first_payment_days",
    "payments_last_90d",
    "mau_mp_1",
    "has_card",
)
SETTINGS = Settings.model_validate({"churn": {"challengers": ("trees", "bg_nbd")}})


def made_up(rows: int = 1200) -> pd.DataFrame:
    """Users who stay where they visit neither rarely nor often, which no straight line tells."""
    random = np.random.default_rng(7)
    table = pd.DataFrame({"user_id": range(rows), **dict.fromkeys(FEATURE_NAMES, np.nan)})
    table["payment_days"] = random.poisson(3, rows).astype(float)
    table["first_payment_days"] = random.integers(30, 120, rows) * (table["payment_days"] > 0)
    table["payment_recency_days"] = np.where(
        table["payment_days"] > 1, table["first_payment_days"] // 3, table["first_payment_days"]
    )
    table["payments_last_90d"] = table["payment_days"]
    table["mau_mp_1"] = random.integers(0, 30, rows).astype(float)
    table["has_card"] = random.integers(0, 2, rows).astype(float)
    usual = table["mau_mp_1"].between(6, 22)
    table["churned"] = (random.random(rows) < np.where(usual, 0.15, 0.85)).astype(int)
    table.loc[random.random(rows) < 0.1, "mau_mp_1"] = np.nan
    table["weight"] = 1.0
    table["in_holdout"] = np.arange(rows) % 3 == 0
    table["in_validation"] = np.arange(rows) % 3 == 1
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the users' features are."""
    folder = tmp_path_factory.mktemp("users")
    made_up().to_parquet(folder / "part.parquet")
    return folder


@pytest.fixture(scope="module")
def candidates(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Candidate]]:
    """Each kind, fitted once; fewer trees than usual are enough to be told apart."""
    home = Settings(home=tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as fewer:
        fewer.setattr(fit_trees, "MOST_TREES", 15)
        spark, addresses = churn_spark(home, 1200), [spark_address(folder)]
        users = read_users(folder, holdout=False)
        few = few_users(users, NAMES, 0.05)
        prepared = prepare(spark, addresses, "NOT in_holdout", NAMES, 0.05, few)
        fitted = list(fit_candidates(SETTINGS.churn, 30, prepared, users))
    yield {each.kind: each for each in fitted}
    stop_spark()


def odd_users() -> pd.DataFrame:
    """Users of any value, known or not: negative, far beyond the training, or of no known class."""
    random = np.random.default_rng(8)
    table = pd.DataFrame(random.normal(10, 40, (500, len(NAMES))), columns=list(NAMES))
    table["has_card"] = random.choice([0.0, 1.0, 7.0, -3.0], 500)
    table.loc[:100] *= 100
    return table.mask(random.random(table.shape) < 0.3)


def test_spark_says_what_is_served(
    candidates: dict[str, Candidate], folder: Path, tmp_path: Path
) -> None:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql.functions import col

    users = odd_users()
    rows = users.reindex(columns=list(FEATURE_NAMES)).assign(
        churned=0, in_validation=False, weight=1.0
    )
    rows.astype(dict.fromkeys(FEATURE_NAMES, "float64")).to_parquet(tmp_path / "odd.parquet")
    for kind in ("logistic regression", "gradient-boosted trees"):
        candidate = candidates[kind]
        write_document(tmp_path / "model.json", candidate.model)
        served = model_of(parse_document((tmp_path / "model.json").read_bytes(), "1"))
        if isinstance(served, BoostedTrees):
            served = replace(served, slope=1.0, intercept=0.0)
        spark = churn_spark(SETTINGS).read.parquet(spark_address(tmp_path / "odd.parquet"))
        expected = (
            candidate.pipeline.transform(spark)
            .select(vector_to_array(col("probability"))[1].alias("p"))
            .toPandas()["p"]
        )
        np.testing.assert_allclose(served.probabilities(users), expected, rtol=0, atol=1e-9)


def test_only_trees_tell_what_no_straight_line_does(
    candidates: dict[str, Candidate], folder: Path
) -> None:
    holdout = read_users(folder, holdout=True)
    found = {
        kind: measure(SETTINGS.churn, kind, each.model, holdout).holdout
        for kind, each in candidates.items()
    }
    assert found["gradient-boosted trees"].roc_auc > 0.75
    assert found["logistic regression"].roc_auc < 0.6
    assert found["BG/NBD"].roc_auc < 0.6
    # What was calibrated is, whatever it knows.
    assert found["gradient-boosted trees"].calibration_error < 0.12
    assert found["BG/NBD"].calibration_error < 0.12


def test_a_user_teaches_once_for_each_snapshot(
    candidates: dict[str, Candidate], folder: Path, tmp_path: Path
) -> None:
    # A month before, nothing was known about half of what is known today.
    made_up().assign(mau_mp_1=np.nan, churned=1).to_parquet(tmp_path / "part.parquet")
    spark = churn_spark(SETTINGS, 1600)
    now, both = (
        prepare(spark, [*map(spark_address, each)], "NOT in_holdout", NAMES, 0.05)
        for each in ([folder], [folder, tmp_path])
    )
    assert (now.rows.count(), both.rows.count()) == (800, 1600)
    assert both.seen.means["mau_mp_1"] == pytest.approx(now.seen.means["mau_mp_1"], rel=1e-12)


@pytest.mark.long
def test_trees_of_users_who_speak_for_several_are_those_of_as_many_users(
    candidates: dict[str, Candidate], tmp_path: Path
) -> None:
    # An unknown value becomes the mean of rows, which no weight changes.
    users = made_up(2400).dropna(subset="mau_mp_1").reset_index(drop=True)
    several = np.where(users["mau_mp_1"].between(6, 22) & (users["churned"] == 1), 3, 1)
    said, spark = {}, churn_spark(SETTINGS, len(users))
    for name, table in {
        "weighed": users.assign(weight=several.astype(float)),
        "repeated": users.loc[np.repeat(users.index, several)],
        "once": users,
    }.items():
        table.to_parquet(tmp_path / f"{name}.parquet")
        address = spark_address(tmp_path / f"{name}.parquet")
        prepared = prepare(spark, [address], "NOT in_holdout", NAMES, 0.5)
        said[name] = fit_trees.fit_trees(prepared, 3, seed=1)[1].probabilities(users)
    # A leaf has at least so many rows, whatever they weigh: a few splits may differ.
    assert np.isclose(said["weighed"], said["repeated"], atol=1e-9).mean() > 0.9
    np.testing.assert_allclose(said["weighed"], said["repeated"], atol=0.05)
    assert np.isclose(said["once"], said["repeated"], atol=0.05).mean() < 0.5


def test_trees_explain_their_users_in_full(candidates: dict[str, Candidate]) -> None:
    model, users = candidates["gradient-boosted trees"].model, odd_users()
    probability = model.probabilities(users)
    total = model.average_log_odds + model.contributions(users).sum(axis=1)
    np.testing.assert_allclose(total, np.log(probability / (1 - probability)), atol=1e-9)


@pytest.mark.long
def test_few_users_are_fitted_without_a_job_for_each_iteration(
    folder: Path, tmp_path: Path
) -> None:
    spark = churn_spark(Settings(home=tmp_path), 1200)
    users = read_users(folder, holdout=False)
    jobs, said = [], []
    for few in (few_users(users, NAMES, 0.05), None):
        spark.sparkContext.setJobGroup(f"few: {bool(few)}", "fits")
        prepared = prepare(spark, [spark_address(folder)], "NOT in_holdout", NAMES, 0.05, few)
        [fitted] = fit_candidates(Settings().churn, 30, prepared, users)
        jobs.append(len(spark.sparkContext.statusTracker().getJobIdsForGroup(f"few: {bool(few)}")))
        said.append(fitted)
        prepared.rows.unpersist()
    spark.sparkContext.setLocalProperty("spark.jobGroup.id", "")
    assert jobs[0] < 10 < jobs[1]
    of_few, of_many = said
    assert of_few.regularization == of_many.regularization
    assert of_few.losses == pytest.approx(of_many.losses, abs=1e-6)
    assert of_few.model.threshold == pytest.approx(of_many.model.threshold, abs=1e-4)
    np.testing.assert_allclose(
        of_few.model.probabilities(users),
        of_many.model.probabilities(users),
        rtol=0,
        atol=1e-11,
    )


@pytest.mark.long
def test_few_payers_tell_as_much_as_many_do(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, holdout = Settings(home=tmp_path), read_users(folder, holdout=True)
    said = []
    with shared_storage(settings, churn_spark(settings, 1200)) as shared:
        for few in (FEW_ROWS, 0):
            monkeypatch.setattr(for_comparison, "FEW_ROWS", few)
            said.append(for_comparison.on_payments_alone(settings, shared, folder, holdout))
    of_few, of_many = said
    assert of_few == pytest.approx(of_many, abs=1e-6)
    assert 0.3 < of_few < 0.7, "payments tell nothing of these users"


@pytest.mark.parametrize("below", [0.05, 0.5])
def test_few_users_are_in_memory_what_spark_makes_of_them(folder: Path, below: float) -> None:
    names = (*NAMES, "saldo_mes_actual")  # known of nobody
    users = read_users(folder, holdout=False).assign(weight=lambda table: 1.0 + table.index % 2)
    users.assign(in_holdout=False).to_parquet(folder.parent / "weighed.parquet")
    address = spark_address(folder.parent / "weighed.parquet")

    few = few_users(users, names, below)
    prepared = prepare(churn_spark(SETTINGS, 800), [address], "NOT in_holdout", names, below)

    assert (few.seen.names, few.seen.missing) == (NAMES, ("mau_mp_1",))
    assert (prepared.seen.names, prepared.seen.missing) == (NAMES, ("mau_mp_1",))
    assert few.seen.means == pytest.approx(prepared.seen.means, rel=1e-12)
    assert few.seen.deviations == pytest.approx(prepared.seen.deviations, rel=1e-12)
    assert few.seen.weight == pytest.approx(prepared.seen.weight, rel=1e-12)
    rows = prepared.rows.toPandas()
    expected = np.array([vector.toArray() for vector in rows["features"]])
    np.testing.assert_allclose(few.rows.features, expected, rtol=1e-12)
    np.testing.assert_array_equal(few.rows.labels, rows["label"])
    np.testing.assert_allclose(few.rows.weights, rows["fit_weight"], rtol=1e-12)
    np.testing.assert_array_equal(few.in_validation, rows["in_validation"])
