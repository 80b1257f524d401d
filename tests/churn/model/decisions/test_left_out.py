"""What is left out of a model is not read: each user counts as the average one of its training."""

import numpy as np
import pandas as pd
import pytest

from flows.churn.model.decisions.left_out import left_out_of, without
from flows.churn.model.kinds.boosted_trees import BoostedTrees, Input, Leaf, Split
from flows.churn.model.model_document import ServedModel
from flows.churn.model.registered_model import LinearModel, Term
from flows.settings.churn import ChurnSettings

LINEAR = LinearModel(
    (
        Term("mau_mp_1", skewed=True, mean=1, deviation=1, coefficient=-1),
        Term("age", skewed=False, mean=40, deviation=9, coefficient=0.05, when_missing=2),
    ),
    intercept=0.5,
    threshold=0.5,
)
TREES = BoostedTrees(
    inputs=(
        Input("age", skewed=False, mean=40),
        Input("age", skewed=False, mean=40, unknown=True),
        Input("mau_mp_1", skewed=False, mean=3),
    ),
    trees=(
        Split(0, 40, Split(2, 3, Leaf(1, 10), Leaf(-1, 10)), Leaf(3, 10)),
        Split(
            2, 5, Split(1, 0.5, Leaf(0.5, 10), Leaf(4, 10)), Split(0, 39, Leaf(9, 1), Leaf(2, 1))
        ),
    ),
    slope=0.7,
    intercept=0.1,
    threshold=0.5,
)
USERS = pd.DataFrame({"mau_mp_1": [0.0, 3, 4, 6, np.nan], "age": [18, 40, 41, np.nan, 90]})


@pytest.mark.parametrize("model", [LINEAR, TREES])
def test_every_user_is_the_average_one(model: ServedModel) -> None:
    left = without(model, ["age"])
    assert left.feature_names == ["mau_mp_1"]
    assert list(left.contributions(USERS)) == ["mau_mp_1"]
    averages = model.probabilities(USERS.assign(age=40.0))
    assert left.probabilities(USERS) == pytest.approx(averages)
    # Unknown is no average: that age is missing tells something.
    assert left.probabilities(USERS) != pytest.approx(model.probabilities(USERS.assign(age=np.nan)))
    assert without(model, []).probabilities(USERS) == pytest.approx(model.probabilities(USERS))


def test_only_what_the_settings_leave_out() -> None:
    assert left_out_of(ChurnSettings(sensitive_features="leave_out"), LINEAR) == ["age"]
    assert left_out_of(ChurnSettings(), LINEAR) == []
