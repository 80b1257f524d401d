"""The card tells how a model treats each gender and age that the files know."""

import numpy as np
import pandas as pd
import pytest

from flows.churn.model.decisions.by_group import Group, by_group, group_section


def test_each_group_has_its_own_figures() -> None:
    users = pd.DataFrame(
        {
            "gender_is_female": [1.0] * 30 + [0.0] * 30 + [np.nan] * 10,
            "age": [25.0] * 60 + [70] * 10,
        }
    )
    churned = np.tile([0, 1], 35)
    probability = np.where(users["gender_is_female"] == 1, 0.2 + 0.6 * churned, 0.8)
    found = {group.name: group for group in by_group(users, churned, probability, 0.5)}
    assert list(found) == ["gender F", "gender M", "age under 30", "age 50 and over"]
    women, men = found["gender F"], found["gender M"]
    assert (women.users, women.churned, women.flagged, women.roc_auc) == (30, 15, 0.5, 1.0)
    assert (men.flagged, men.roc_auc, men.calibration_error) == (
        1.0,
        0.5,
        pytest.approx(0.3, abs=0.1),
    )
    # Ten are too few to say anything about.
    assert found["age 50 and over"] == Group("age 50 and over", 10)
    lines = group_section(list(found.values()), "age and gender_is_female", None)
    assert "| gender F | 30 | 50% | 50% | 1.000 | 0.200 |" in lines
    assert (
        "| age 50 and over | 10 | too few users | too few users | too few users | too few users |"
        in lines
    )


def test_files_that_know_neither_say_so() -> None:
    nothing = pd.DataFrame({"gender_is_female": [np.nan] * 3, "age": [np.nan] * 3})
    assert by_group(nothing, np.array([0, 1, 1]), np.array([0.1, 0.2, 0.3]), 0.5) == []
    (*_, said, _) = group_section([], "age", "It costs nothing.")
    assert said == "The files know no gender and no age of the holdout."
