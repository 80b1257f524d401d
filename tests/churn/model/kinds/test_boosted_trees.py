"""Trees answer what their splits say, and explain it by exact SHAP values."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from flows.churn.model.kinds.boosted_trees import BoostedTrees, Input, Leaf, Node, Split
from flows.churn.model.model_document import model_of, write_document
from flows.churn.production.document import parse_document

INPUTS = (
    Input("age", skewed=False, mean=40),
    Input("balance", skewed=True, mean=3),
    Input("visits", skewed=False, mean=2),
    Input("age", skewed=False, mean=40, unknown=True),
)


def grown(random: np.random.Generator, depth: int) -> Node:
    """A tree of random splits, of which some ask about one feature twice."""
    if depth == 0 or random.random() < 0.1:
        return Leaf(random.normal(), float(random.integers(1, 100)))
    place = int(random.integers(len(INPUTS)))
    at_most = [40.0, 3.0, 2.0, 0.5][place] + (random.normal() if place < 3 else 0.0)
    return Split(place, at_most, grown(random, depth - 1), grown(random, depth - 1))


def forest(trees: int = 20) -> BoostedTrees:
    random = np.random.default_rng(5)
    grove = tuple(grown(random, 3) for _ in range(trees))
    return BoostedTrees(INPUTS, grove, slope=1.2, intercept=-0.3, threshold=0.4)


def users(rows: int = 40) -> pd.DataFrame:
    """Users of any value, of whom some things are unknown."""
    random = np.random.default_rng(6)
    table = pd.DataFrame(
        {
            "age": random.normal(40, 2, rows),
            "balance": random.normal(0, 60, rows),
            "visits": random.integers(-1, 9, rows),
        },
        index=range(100, 100 + rows),
    ).astype(float)
    return table.mask(random.random(table.shape) < 0.3)


def log_odds(model: BoostedTrees, table: pd.DataFrame) -> np.ndarray:
    probability = model.probabilities(table)
    return np.log(probability / (1 - probability))


def seen(user: pd.Series) -> list[float]:
    """A user as the splits see them, by the words of `Input`."""
    age, balance = user["age"], user["balance"]
    logarithm = math.copysign(math.log1p(abs(balance)), balance)
    return [
        40 if math.isnan(age) else age,
        3 if math.isnan(balance) else logarithm,
        2 if math.isnan(user["visits"]) else user["visits"],
        float(math.isnan(age)),
    ]


def worth(node: Node, values: list[float], known: set[str]) -> float:
    """What a tree adds for a user of whom only these features are known."""
    if isinstance(node, Leaf):
        return node.log_odds
    yes, no = worth(node.yes, values, known), worth(node.no, values, known)
    if INPUTS[node.input].feature in known:
        return yes if values[node.input] <= node.at_most else no
    return (yes * node.yes.users + no * node.no.users) / node.users


def test_the_log_odds_are_the_calibrated_sum_of_the_leaves() -> None:
    model, table = forest(), users()
    everything = {"age", "balance", "visits"}
    expected = [
        -0.3 + 1.2 * sum(worth(tree, seen(user), everything) for tree in model.trees)
        for _, user in table.iterrows()
    ]
    np.testing.assert_allclose(log_odds(model, table), expected, atol=1e-12)


def test_contributions_are_the_shapley_values_of_what_is_known() -> None:
    model, table = forest(), users(12)
    names = model.feature_names
    found = model.contributions(table)
    assert (list(found), found.index.equals(table.index)) == (["age", "balance", "visits"], True)
    for place, user in table.iterrows():
        for name in names:
            others = [other for other in names if other != name]
            expected = sum(
                (worth(tree, seen(user), {*known, name}) - worth(tree, seen(user), set(known)))
                / (len(names) * math.comb(len(others), size))
                for tree in model.trees
                for size in range(len(names))
                for known in combinations(others, size)
            )
            assert found.loc[place, name] == pytest.approx(1.2 * expected, abs=1e-12)


def test_contributions_and_the_average_user_add_up_to_the_log_odds() -> None:
    model, table = forest(), users()
    total = model.average_log_odds + model.contributions(table).sum(axis=1)
    np.testing.assert_allclose(total, log_odds(model, table), atol=1e-9)


def test_an_absent_column_counts_as_missing_and_nobody_has_no_score() -> None:
    model, table = forest(), users()
    absent = model.probabilities(table[["balance"]])
    assert absent.tolist() == model.probabilities(table.assign(age=np.nan, visits=None)).tolist()
    assert model.probabilities(table.head(0)).tolist() == []


def test_a_document_holds_the_same_trees(tmp_path) -> None:
    model = forest()
    sha256 = write_document(tmp_path / "model.json", model, 120)
    document = parse_document((tmp_path / "model.json").read_bytes(), "1")
    assert model_of(document) == model
    assert (document.sha256, document.model.lookback_days) == (sha256, 120)
