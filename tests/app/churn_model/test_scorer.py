"""Without a model: a formula that says what it is, and always says the same."""

import pandas as pd
import pytest

from app.churn_model.form.consistency import contradictions, unusual
from app.churn_model.scorer import Heuristic
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.model.training_users import TrainingUsers, UsualValues

UNKNOWN = float("nan")


def user(**features: float) -> pd.DataFrame:
    """One user of whom nothing else is known."""
    return pd.DataFrame([dict.fromkeys(FEATURE_NAMES, UNKNOWN) | features])


@pytest.mark.parametrize(
    ("recency", "payments", "probability"),
    [
        (0, 30, 0.0),
        (120, 0, 1.0),
        (60, 15, 0.5),
        (30, 15, 0.375),
        (1000, 500, 0.5),
        (UNKNOWN, UNKNOWN, 0.5),
        (UNKNOWN, 0, 0.75),
    ],
)
def test_half_is_recency_and_half_is_frequency(
    recency: float, payments: float, probability: float
) -> None:
    known = user(payment_recency_days=recency, payments_last_30d=payments)
    assert Heuristic().probabilities(known).tolist() == pytest.approx([probability])


def test_its_parts_add_up() -> None:
    known = user(payment_recency_days=90, payments_last_30d=3)
    parts = Heuristic().contributions(known)
    assert 0.5 + parts.sum(axis=1).tolist()[0] == Heuristic().probabilities(known)[0]
    assert parts.iloc[0].to_dict() == pytest.approx(
        {"payment_recency_days": 0.125, "payments_last_30d": 0.2}
    )


def test_a_part_that_is_more_than_its_whole_is_told() -> None:
    assert contradictions(user(payments_last_7d=5, payments_last_30d=2)) == [
        "“Payments in the last 7 days” (5) is more than “Payments in the last 30 days” (2), "
        "which contains it."
    ]
    assert contradictions(user(payments_last_7d=2, payments_last_30d=2)) == []
    assert contradictions(user(payments_last_7d=5)) == []


def test_in_a_file_such_rows_are_counted() -> None:
    rows = [user(payments_sum=1, payments_sum_last_30d=spent) for spent in (1, 2, 0, 3)]
    assert contradictions(pd.concat(rows)) == [
        "payments_sum_last_30d is more than payments_sum, which contains it, from row 2 on "
        "(rows: 2)."
    ]


def test_large_amounts_are_written_out() -> None:
    [told] = contradictions(user(payments_sum=1_234_567.5, payments_sum_last_30d=2_000_000))
    assert "(2,000,000) is more than “Amount paid in the lookback” (1,234,567.5)" in told


USERS = TrainingUsers(
    100,
    {
        "age": UsualValues(16, 90, 40),
        "payments_sum": UsualValues(0, 1_234_567.5, None),
        "has_card": UsualValues(0, 0, 0),
    },
)


def test_what_is_far_from_usual_is_told() -> None:
    said = {"age": 130.0, "payments_last_7d": 3.0, "payments_sum": 2e6, "has_card": 1.0}
    assert unusual(said, USERS, {}) == [
        "“Age” is 130; usual is 16 to 90.",
        "“Amount paid in the lookback” is 2,000,000; usual is 0 to 1,234,567.5.",
    ]
    assert unusual({"age": 90.0, "payments_sum": None}, USERS, {}) == []


def test_of_what_the_form_was_filled_with_nothing_is_told() -> None:
    assert unusual({"age": 91.0}, USERS, {"age": 91}) == []
    assert unusual({"age": 92.0}, USERS, {"age": 91}) == ["“Age” is 92; usual is 16 to 90."]
