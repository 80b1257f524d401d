"""The features of a user, declared once: for training, scoring, drift and the app.

To add a feature, add one entry. `sql` is its expression, the same for DuckDB and Spark, over
what `sql/churn/features/users.sql` puts at its disposal.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["payments", "days", "money", "visits", "users", "share", "years", "yes or no"]


@dataclass(frozen=True)
class Feature:
    """One number about a user as of the cutoff; NULL when the sources do not say.

    `source`: "payments", an aggregate over the user's payments in the lookback (`days_ago` counts
    back from the cutoff, which is 0) with `default` for users who have none; or "user", over the
    other files. `skewed` values enter the model as their signed logarithm. `display_range` is
    what forms offer.
    """

    name: str
    description: str
    unit: Unit
    sql: str
    source: Literal["payments", "user"] = "user"
    default: str = "0"
    skewed: bool = True
    display_range: tuple[float, float] = (0, 100)


def _payments_in(last_days: int, before: int = 0) -> str:
    condition = f"days_ago < {before + last_days}"
    if before:
        condition += f" AND days_ago >= {before}"
    return f"count(*) FILTER (WHERE {condition})"


def _count(name: str, description: str, sql: str, display_range: tuple[float, float]) -> Feature:
    return Feature(
        name, description, "payments", sql, source="payments", display_range=display_range
    )


FEATURES = (
    _count("payments_last_7d", "Payments in the last 7 days", _payments_in(7), (0, 10)),
    _count("payments_last_30d", "Payments in the last 30 days", _payments_in(30), (0, 30)),
    _count("payments_last_60d", "Payments in the last 60 days", _payments_in(60), (0, 60)),
    _count("payments_last_90d", "Payments in the last 90 days", _payments_in(90), (0, 90)),
    _count(
        "payments_30d_before",
        "Payments in the 30 days before the last 30",
        _payments_in(30, before=30),
        (0, 30),
    ),
    Feature(
        "payment_days",
        "Days with a payment in the lookback",
        "days",
        "{count_of_days}",
        source="payments",
        display_range=(0, 60),
    ),
    Feature(
        "payment_recency_days",
        "Days since the last payment; the whole lookback when there is none",
        "days",
        "min(days_ago)",
        source="payments",
        default="{lookback_days}",
        display_range=(0, 120),
    ),
    Feature(
        "first_payment_days",
        "Days since the first payment in the lookback; 0 when there is none",
        "days",
        "max(days_ago)",
        source="payments",
        display_range=(0, 120),
    ),
    Feature(
        "payments_sum",
        "Amount paid in the lookback",
        "money",
        "sum(spent)",
        source="payments",
        display_range=(0, 5000),
    ),
    Feature(
        "payments_sum_last_30d",
        "Amount paid in the last 30 days",
        "money",
        "sum(spent) FILTER (WHERE days_ago < 30)",
        source="payments",
        display_range=(0, 2000),
    ),
    Feature(
        "avg_discount",
        "Discount per payment in the lookback; none counts as 0",
        "money",
        "coalesce(CAST(sum(discount) AS DOUBLE), 0) / count(*)",
        source="payments",
        display_range=(0, 50),
    ),
    Feature(
        "discounted_share",
        "Share of payments with a discount",
        "share",
        "CAST(count(*) FILTER (WHERE discount > 0) AS DOUBLE) / count(*)",
        source="payments",
        skewed=False,
        display_range=(0, 1),
    ),
    _count(
        "instore_payments",
        "Payments in segment Instore",
        "count(*) FILTER (WHERE segment = 'Instore')",
        (0, 30),
    ),
    _count(
        "utilities_payments",
        "Payments in segment Utilities",
        "count(*) FILTER (WHERE segment = 'Utilities')",
        (0, 10),
    ),
    Feature(
        "mau_mp_1", "Wallet visits in the last month", "visits", "mau_mp_1", display_range=(0, 60)
    ),
    Feature(
        "mau_ml_1",
        "Marketplace visits in the last month",
        "visits",
        "mau_ml_1",
        display_range=(0, 60),
    ),
    Feature(
        "mau_ml_2",
        "Marketplace visits in the month before",
        "visits",
        "mau_ml_2",
        display_range=(0, 60),
    ),
    Feature(
        "login_recency_days",
        "Days since the last login to the wallet",
        "days",
        "unix_date({active_user_day}) - unix_date(last_login_on)",
        display_range=(0, 30),
    ),
    Feature(
        "saldo_mes_actual",
        "Highest balance in the last month",
        "money",
        "balance_last_month",
        display_range=(0, 20_000),
    ),
    Feature(
        "saldo_mes_previo",
        "Highest balance in the month before",
        "money",
        "balance_month_before",
        display_range=(0, 20_000),
    ),
    Feature(
        "has_investment",
        "Invests, or may",
        "yes or no",
        "CASE WHEN investment IN ('Investing', 'Eligible', 'Elegible') THEN 1 "
        "WHEN investment IS NOT NULL THEN 0 END",
        skewed=False,
        display_range=(0, 1),
    ),
    Feature(
        "spent_ml",
        "Spent on the marketplace in six months",
        "money",
        "spent_ml",
        display_range=(0, 5000),
    ),
    Feature(
        "frequency_ml",
        "Days with marketplace purchases in six months",
        "days",
        "frequency_ml",
        display_range=(0, 60),
    ),
    Feature(
        "recency_ml_days",
        "Days since the last marketplace purchase",
        "days",
        "unix_date({marketplace_data_day}) - unix_date(last_purchase_on)",
        display_range=(0, 180),
    ),
    Feature("age", "Age", "years", "age", skewed=False, display_range=(16, 90)),
    Feature(
        "gender_is_female",
        "Gender is F",
        "yes or no",
        "CASE gender WHEN 'F' THEN 1 WHEN 'M' THEN 0 END",
        skewed=False,
        display_range=(0, 1),
    ),
    Feature(
        "has_card",
        "Has a card",
        "yes or no",
        "CASE WHEN card_type = 'None' THEN 0 WHEN card_type IS NOT NULL THEN 1 END",
        skewed=False,
        display_range=(0, 1),
    ),
)

FEATURE_NAMES = tuple(feature.name for feature in FEATURES)


def feature(name: str) -> Feature:
    """Return the feature of that name; raise KeyError when there is none."""
    return {feature.name: feature for feature in FEATURES}[name]
