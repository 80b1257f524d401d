"""The features of a user, declared once: for training, scoring, drift and the app.

To add a feature, add one entry here, or in `payment_features.py` for one over payments. `sql` is
its expression, the same for DuckDB and Spark, over what `sql/churn/features/users.sql` provides.
"""

from flows.churn.features.declaration import Feature
from flows.churn.features.payment_features import PAYMENT_FEATURES
from flows.settings.churn import ChurnSettings

FEATURES = (
    *PAYMENT_FEATURES,
    Feature(
        "mau_mp_1",
        "Wallet visits in the last month",
        "Visitas a la billetera en el último mes",
        "visits",
        "mau_mp_1",
        display_range=(0, 60),
    ),
    Feature(
        "mau_ml_1",
        "Marketplace visits in the last month",
        "Visitas al marketplace en el último mes",
        "visits",
        "mau_ml_1",
        display_range=(0, 60),
    ),
    Feature(
        "mau_ml_2",
        "Marketplace visits in the month before",
        "Visitas al marketplace en el mes anterior",
        "visits",
        "mau_ml_2",
        display_range=(0, 60),
    ),
    Feature(
        "login_recency_days",
        "Days since the last login to the wallet",
        "Días desde el último acceso a la billetera",
        "days",
        "unix_date({active_user_day}) - unix_date(last_login_on)",
        display_range=(0, 30),
    ),
    Feature(
        "saldo_mes_actual",
        "Highest balance in the last month",
        "Saldo más alto del último mes",
        "money",
        "balance_last_month",
        display_range=(0, 20_000),
    ),
    Feature(
        "saldo_mes_previo",
        "Highest balance in the month before",
        "Saldo más alto del mes anterior",
        "money",
        "balance_month_before",
        display_range=(0, 20_000),
    ),
    Feature(
        "has_investment",
        "Invests, or may",
        "Invierte, o puede hacerlo",
        "yes or no",
        "CASE WHEN investment IN ('Investing', 'Eligible', 'Elegible') THEN 1 "
        "WHEN investment IS NOT NULL THEN 0 END",
        skewed=False,
        display_range=(0, 1),
    ),
    Feature(
        "spent_ml",
        "Spent on the marketplace in six months",
        "Gastado en el marketplace en seis meses",
        "money",
        "spent_ml",
        display_range=(0, 5000),
    ),
    Feature(
        "frequency_ml",
        "Days with marketplace purchases in six months",
        "Días con compras en el marketplace en seis meses",
        "days",
        "frequency_ml",
        display_range=(0, 60),
    ),
    Feature(
        "recency_ml_days",
        "Days since the last marketplace purchase",
        "Días desde la última compra en el marketplace",
        "days",
        "unix_date({marketplace_data_day}) - unix_date(last_purchase_on)",
        display_range=(0, 180),
    ),
    Feature(
        "age",
        "Age",
        "Edad",
        "years",
        "age",
        skewed=False,
        display_range=(16, 90),
        sensitive=True,
    ),
    Feature(
        "gender_is_female",
        "Gender is F",
        "El género es F",
        "yes or no",
        "CASE gender WHEN 'F' THEN 1 WHEN 'M' THEN 0 END",
        skewed=False,
        display_range=(0, 1),
        sensitive=True,
    ),
    Feature(
        "has_card",
        "Has a card",
        "Tiene tarjeta",
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


SENSITIVE = tuple(feature.name for feature in FEATURES if feature.sensitive)


def used_features(churn: ChurnSettings) -> tuple[str, ...]:
    """Return the features that take part in training, scoring and drift."""
    left_out = SENSITIVE if churn.sensitive_features == "leave_out" else ()
    return tuple(name for name in FEATURE_NAMES if name not in left_out)
