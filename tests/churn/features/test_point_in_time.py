"""Features know nothing of what comes later, and a model that is fair about it learns."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.settings import Settings
from tests.churn.features.churn_features import earlier_features, feature_frame, make_features

CUTOFF = AS_OF - timedelta(days=30)
BUYER = "CUS_CUST_ID_BUY"
Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery of 150 made-up users."""
    folder = tmp_path_factory.mktemp("few")
    write_sample_data(folder, users=150, seed=5)
    return folder


@pytest.fixture
def real(few: Path, churn_settings: Settings) -> ChurnRun:
    """The run that made features of that delivery."""
    run, _ = make_features(churn_settings, few, AS_OF, "real")
    return run


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery of 4,000 made-up users."""
    folder = tmp_path_factory.mktemp("many")
    write_sample_data(folder, users=4_000, seed=5)
    return folder


def with_another_future(
    delivery: Path, folder: Path, change: Change, cutoff: date, seed: int = 0
) -> Path:
    """Copy the delivery with the payments later than `cutoff` changed."""
    shutil.copytree(delivery, folder, dirs_exist_ok=True)
    payments = pd.read_csv(delivery / "PAYMENTS.csv", dtype=str, keep_default_na=False)
    later = payments["FECHA"] > cutoff.isoformat()
    changed = change(payments[later], np.random.default_rng(seed))
    # The last day's payment of a stranger, so that the label window counts as delivered.
    stranger = payments.iloc[[0]].assign(**{"FECHA": AS_OF.isoformat(), BUYER: "1"})
    everything = pd.concat([changed, stranger, payments[~later]])
    everything.to_csv(folder / "PAYMENTS.csv", index=False)
    return folder


def deleted(payments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    kept = random.random(len(payments)) < 0.1
    kept[:1] = True  # without any, all users churned, which is refused
    return payments[kept]


def of_other_users(payments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    users = payments[BUYER].unique()
    others = dict(zip(users, random.permutation(users), strict=True))
    return payments.assign(**{BUYER: payments[BUYER].map(others)})


def of_new_users(payments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    new = payments.assign(**{BUYER: random.integers(1, 200_000, len(payments)).astype(str)})
    return pd.concat([payments, new])


def multiplied(payments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    times = random.integers(1, 20, len(payments))
    return payments.loc[payments.index.repeat(times)].assign(SPENT="9999999.99", DESCUENTO="1")


def on_other_days(payments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    days = [AS_OF - timedelta(days=int(ago)) for ago in random.integers(0, 30, len(payments))]
    return payments.assign(FECHA=[day.isoformat() for day in days])


CHANGES = (deleted, of_other_users, of_new_users, multiplied, on_other_days)


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8
)
@given(changes=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_no_change_of_the_future_changes_a_feature(
    few: Path,
    real: ChurnRun,
    churn_settings: Settings,
    tmp_path: Path,
    changes: list[Change],
    seed: int,
) -> None:
    def change(payments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
        for one in changes:
            payments = one(payments, random)
        return payments

    other = with_another_future(few, tmp_path / "other", change, CUTOFF, seed)
    changed, _ = make_features(churn_settings, other, AS_OF, "changed")
    frames = [feature_frame(churn_settings, one) for one in (real, changed)]
    unlabelled = [frame.drop(columns="churned") for frame in frames]
    pd.testing.assert_frame_equal(*unlabelled, check_exact=True)
    # One label window earlier, labels are the past, too.
    earlier = [feature_frame(churn_settings, one, earlier_features) for one in (real, changed)]
    pd.testing.assert_frame_equal(*earlier, check_exact=True)


def test_a_change_of_the_past_does_change_features(
    few: Path, real: ChurnRun, churn_settings: Settings, tmp_path: Path
) -> None:
    last_known_day = CUTOFF - timedelta(days=1)
    other = with_another_future(few, tmp_path / "other", multiplied, last_known_day)
    changed, _ = make_features(churn_settings, other, AS_OF, "changed")
    then, known = (feature_frame(churn_settings, one) for one in (real, changed))
    assert not then["payments_last_7d"].equals(known["payments_last_7d"])


def auc_on_the_holdout(users: pd.DataFrame) -> float:
    model = make_pipeline(
        SimpleImputer(add_indicator=True),
        FunctionTransformer(lambda values: np.sign(values) * np.log1p(np.abs(values))),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    )
    known, held_out = users[~users["in_holdout"]], users[users["in_holdout"]]
    model.fit(known[list(FEATURE_NAMES)], known["churned"])
    churn = model.predict_proba(held_out[list(FEATURE_NAMES)])[:, 1]
    return float(roc_auc_score(held_out["churned"], churn))


def test_a_model_foretells_the_real_future_and_no_other(
    many: Path, churn_settings: Settings, tmp_path: Path
) -> None:
    run, _ = make_features(churn_settings, many, AS_OF, "real")
    assert 0.7 < auc_on_the_holdout(feature_frame(churn_settings, run)) < 0.95

    def of_any_user(payments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
        users = pd.read_csv(many / "ACTIVE_USER.csv", dtype=str)[BUYER]
        others = dict(zip(users, random.permutation(users), strict=True))
        return payments.assign(**{BUYER: payments[BUYER].map(others).fillna("1")})

    other = with_another_future(many, tmp_path / "other", of_any_user, CUTOFF)
    changed, _ = make_features(churn_settings, other, AS_OF, "changed")
    auc = auc_on_the_holdout(feature_frame(churn_settings, changed))
    assert auc == pytest.approx(0.5, abs=0.06)


def test_who_is_held_out_is_decided_for_good(
    many: Path, churn_settings: Settings, tmp_path: Path
) -> None:
    usage_as_of = CUTOFF - timedelta(days=7)
    write_sample_data(tmp_path / "other", users=1_500, seed=8, usage_as_of=usage_as_of)
    run, _ = make_features(churn_settings, many, AS_OF, "one delivery")
    another, _ = make_features(churn_settings, tmp_path / "other", AS_OF, "another")
    now, other = (feature_frame(churn_settings, one) for one in (run, another))
    both = now.index.intersection(other.index)
    assert len(both) == 1_500
    for side in ("in_holdout", "in_validation"):
        assert now[side][both].equals(other[side][both])


def test_the_day_does_not_decide_who_is_held_out(many: Path, churn_settings: Settings) -> None:
    run, _ = make_features(churn_settings, many, AS_OF, "now")
    now, before = (feature_frame(churn_settings, run, *where) for where in ([], [earlier_features]))
    assert now["in_holdout"].reindex(before.index).equals(before["in_holdout"])


def test_the_shares_are_those_of_the_settings_and_independent(
    many: Path, make_churn_settings: Callable[..., Settings]
) -> None:
    settings = make_churn_settings(holdout_share=0.4, validation_share=0.25)
    run, _ = make_features(settings, many, AS_OF)
    users = feature_frame(settings, run)
    assert users["in_holdout"].mean() == pytest.approx(0.4, abs=0.03)
    for _, side in users.groupby("in_holdout"):
        assert side["in_validation"].mean() == pytest.approx(0.25, abs=0.04)
    held_out = users.groupby("in_holdout")["churned"].mean()
    assert held_out[True] == pytest.approx(held_out[False], abs=0.05)
