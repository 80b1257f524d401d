"""BG/NBD says what its authors derived, explains it exactly, and is a document."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from flows.churn.model.kinds.purchase_process import History, PurchaseProcess
from flows.churn.model.model_document import model_of, write_document
from flows.churn.production.document import parse_document

# The parameters that the paper estimates for CDNOW's customers, in weeks.
MODEL = PurchaseProcess(
    r=0.243,
    alpha=4.414,
    a=0.793,
    b=2.426,
    days=39,
    never=2.5,
    average=History(2.0, 10.0, 30.0),
    slope=1.0,
    intercept=0.0,
    threshold=0.5,
)


def users(*rows: tuple[float, float, float]) -> pd.DataFrame:
    """Users by payment days, days since the last, days since the first."""
    return pd.DataFrame(rows, columns=MODEL.feature_names)


def simulated(x: int, last: float, age: float, draws: int = 400_000) -> float:
    """Share of customers of this history who stay away, by drawing rates and leaving from it.

    The posterior by importance: who is like this, by the model's likelihood of the history.
    """
    random = np.random.default_rng(3)
    rate = random.gamma(MODEL.r, 1 / MODEL.alpha, draws)
    leaves = random.beta(MODEL.a, MODEL.b, draws)
    bought = rate**x
    alive = bought * (1 - leaves) ** x * np.exp(-rate * age)
    gone = bought * leaves * (1 - leaves) ** (x - 1) * np.exp(-rate * last) if x else 0 * rate
    stays_away = gone.sum() + (alive * np.exp(-rate * MODEL.days)).sum()
    return float(stays_away / (alive.sum() + gone.sum()))


@pytest.mark.parametrize(("x", "last", "age"), [(0, 0, 20), (2, 30.43, 38.86), (4, 3, 30)])
def test_the_probability_is_that_of_the_models_customers(x: int, last: float, age: float) -> None:
    (found,) = MODEL.probabilities(users((x + 1, age - last, age)))
    assert found == pytest.approx(simulated(x, last, age), abs=0.01)


def test_who_never_paid_has_odds_of_their_own() -> None:
    (found,) = MODEL.probabilities(users((0, 120, 0)))
    assert found == pytest.approx(1 / (1 + np.exp(-2.5)))


def test_what_is_missing_is_the_average_users() -> None:
    some = users((3, 5, 40), (np.nan, 5, 40))
    assert MODEL.probabilities(some)[1] == MODEL.probabilities(users((2, 5, 40)))[0]
    absent = MODEL.probabilities(some[["payment_days"]])
    assert absent[0] == MODEL.probabilities(users((3, 10, 30)))[0]
    assert MODEL.probabilities(some.head(0)).tolist() == []


def test_no_history_is_too_odd_for_a_finite_probability() -> None:
    odd = users((1e6, 0, 730), (2, 1e9, 1e9), (5, 700, 3), (1, 0, 0), (2.5, -1, 10))
    probability = MODEL.probabilities(odd)
    assert np.isfinite(probability).all()
    assert ((probability >= 0) & (probability <= 1)).all()


def test_contributions_are_the_shapley_values_and_add_up() -> None:
    some = users((3, 5, 40), (1, 20, 20), (0, 120, 0), (9, 60, 100))
    found = MODEL.contributions(some)
    names = MODEL.feature_names

    def log_odds(table: pd.DataFrame) -> np.ndarray:
        probability = MODEL.probabilities(table)
        return np.log(probability / (1 - probability))

    expected = pd.DataFrame(0.0, index=some.index, columns=names)
    for order in permutations(names):
        known = pd.DataFrame([[2.0, 10.0, 30.0]] * len(some), columns=names)
        for name in order:
            before = log_odds(known)
            known[name] = some[name]
            expected[name] += (log_odds(known) - before) / 6
    np.testing.assert_allclose(found, expected, atol=1e-9)
    total = MODEL.average_log_odds + found.sum(axis=1)
    np.testing.assert_allclose(total, log_odds(some), atol=1e-9)


def test_a_document_holds_the_same_numbers(tmp_path) -> None:
    write_document(tmp_path / "model.json", MODEL)
    document = parse_document((tmp_path / "model.json").read_bytes(), "1")
    assert model_of(document) == MODEL
