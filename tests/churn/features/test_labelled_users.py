"""Labelled features as the steps after them read them."""

from pathlib import Path

import pandas as pd
import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.labelled_users import read_users
from flows.errors import BadInput


def test_features_of_before_an_upgrade_are_told_with_the_step_that_makes_them(
    tmp_path: Path,
) -> None:
    users = pd.DataFrame(
        {
            "user_id": [1, 2],
            **dict.fromkeys(FEATURE_NAMES, 0.0),
            "weight": 1.0,
            "churned": [0, 1],
            "in_holdout": [True, False],
            "in_validation": False,
        }
    )
    users.to_parquet(tmp_path / "part-00000.parquet")
    assert list(read_users(tmp_path, holdout=True)["user_id"]) == [1]

    older = users.drop(columns=["weight", "days_late"])
    older.to_parquet(tmp_path / "part-00000.parquet")
    with pytest.raises(BadInput) as error:
        read_users(tmp_path, holdout=True)
    assert error.value.sentence == (
        "The labelled features of this run lack days_late, weight, which this release needs: they "
        "are of before an upgrade."
    )
    assert error.value.needs_step == "feature_engineering"
