"""The features of a user, declared once: for training, scoring, drift and the app.

To add a feature, add one entry. `sql` is its expression, the same for DuckDB and Spark, over
what `sql/churn/features/users.sql` provides.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "payments", "days", "decimal days", "money", "visits", "users", "share", "years", "yes or no"
]


@dataclass(frozen=True)
class Feature:
    """One number about a user as of the cutoff; NULL when the sources do not say.

    `spanish` is its description in the app's other language.

    `source`: "payments", an aggregate over the user's payments in the lookback (`days_ago` counts
    back from the cutoff, which is 0) with `default` for users who have none; or "user", over the
    other files. `skewed` values enter the model as their signed logarithm. Forms take values up
    to ten times `display_range`. `part_of` names the features that include all that this one
    counts: forms and uploads refuse a part that is larger than its whole.
    """

    name: str
    description: str
    spanish: str
    unit: Unit
    sql: str
    source: Literal["payments", "user"] = "user"
    default: str = "0"
    skewed: bool = True
    display_range: tuple[float, float] = (0, 100)
    part_of: tuple[str, ...] = ()


def _payments_in(last_days: int, before: int = 0) -> str:
    condition = f"days_ago < {before + last_days}"
    if before:
        condition += f" AND days_ago >= {before}"
    return f"count(*) FILTER (WHERE {condition})"


def _count(
    name: str,
    description: str,
    spanish: str,
    sql: str,
    display_range: tuple[float, float],
    part_of: tuple[str, ...] = (),
) -> Feature:
    return Feature(
        name,
        description,
        spanish,
        "payments",
        sql,
        source="payments",
        display_range=display_range,
        part_of=part_of,
    )


_MEAN_GAP = "CAST(max(days_ago) - min(days_ago) AS DOUBLE) / nullif({count_of_days} - 1, 0)"

FEATURES = (
    _count(
        "payments_last_7d",
        "Payments in the last 7 days",
        "Pagos en los últimos 7 días",
        _payments_in(7),
        (0, 10),
        part_of=("payments_last_30d",),
    ),
    _count(
        "payments_last_30d",
        "Payments in the last 30 days",
        "Pagos en los últimos 30 días",
        _payments_in(30),
        (0, 30),
        part_of=("payments_last_60d",),
    ),
    _count(
        "payments_last_60d",
        "Payments in the last 60 days",
        "Pagos en los últimos 60 días",
        _payments_in(60),
        (0, 60),
        part_of=("payments_last_90d",),
    ),
    _count(
        "payments_last_90d",
        "Payments in the last 90 days",
        "Pagos en los últimos 90 días",
        _payments_in(90),
        (0, 90),
    ),
    _count(
        "payments_30d_before",
        "Payments in the 30 days before the last 30",
        "Pagos en los 30 días anteriores a los últimos 30",
        _payments_in(30, before=30),
        (0, 30),
        part_of=("payments_last_60d",),
    ),
    Feature(
        "payment_days",
        "Days with a payment in the lookback",
        "Días con algún pago en el periodo observado",
        "days",
        "{count_of_days}",
        source="payments",
        display_range=(0, 60),
    ),
    Feature(
        "payment_recency_days",
        "Days since the last payment; the whole lookback when there is none",
        "Días desde el último pago; todo el periodo observado si no hay ninguno",
        "days",
        "min(days_ago)",
        source="payments",
        default="{lookback_days}",
        display_range=(0, 120),
    ),
    Feature(
        "first_payment_days",
        "Days since the first payment in the lookback; 0 when there is none",
        "Días desde el primer pago del periodo observado; 0 si no hay ninguno",
        "days",
        "max(days_ago)",
        source="payments",
        display_range=(0, 120),
    ),
    Feature(
        "mean_gap_days",
        "Days from one day with a payment to the next, on average; unknown with fewer than two",
        "Días de un día con pago al siguiente, en promedio; desconocido con menos de dos",
        "decimal days",
        _MEAN_GAP,
        source="payments",
        default="NULL",
        display_range=(0, 60),
    ),
    Feature(
        "last_gap_days",
        "Days between the last two days with a payment; unknown with fewer than two",
        "Días entre los dos últimos días con pago; desconocido con menos de dos",
        "days",
        "{last_but_one_day} - min(days_ago)",
        source="payments",
        default="NULL",
        display_range=(0, 60),
    ),
    Feature(
        "days_late",
        "Days since the last payment beyond the user's mean gap; negative when it is not over",
        "Días desde el último pago por encima del intervalo medio del usuario; negativo si no pasó",
        "decimal days",
        f"min(days_ago) - {_MEAN_GAP}",
        source="payments",
        default="NULL",
        display_range=(-60, 120),
    ),
    Feature(
        "payments_sum",
        "Amount paid in the lookback",
        "Importe pagado en el periodo observado",
        "money",
        "sum(spent)",
        source="payments",
        display_range=(0, 5000),
    ),
    Feature(
        "payments_sum_last_30d",
        "Amount paid in the last 30 days",
        "Importe pagado en los últimos 30 días",
        "money",
        "sum(spent) FILTER (WHERE days_ago < 30)",
        source="payments",
        display_range=(0, 2000),
        part_of=("payments_sum",),
    ),
    Feature(
        "avg_discount",
        "Discount per payment in the lookback; none counts as 0",
        "Descuento por pago en el periodo observado; ninguno cuenta como 0",
        "money",
        "coalesce(CAST(sum(discount) AS DOUBLE), 0) / count(*)",
        source="payments",
        display_range=(0, 50),
    ),
    Feature(
        "discounted_share",
        "Share of payments with a discount",
        "Proporción de pagos con descuento",
        "share",
        "CAST(count(*) FILTER (WHERE discount > 0) AS DOUBLE) / count(*)",
        source="payments",
        skewed=False,
        display_range=(0, 1),
    ),
    _count(
        "instore_payments",
        "Payments in segment Instore",
        "Pagos en el segmento Instore",
        "count(*) FILTER (WHERE segment = 'Instore')",
        (0, 30),
    ),
    _count(
        "utilities_payments",
        "Payments in segment Utilities",
        "Pagos en el segmento Utilities",
        "count(*) FILTER (WHERE segment = 'Utilities')",
        (0, 10),
    ),
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
    Feature("age", "Age", "Edad", "years", "age", skewed=False, display_range=(16, 90)),
    Feature(
        "gender_is_female",
        "Gender is F",
        "El género es F",
        "yes or no",
        "CASE gender WHEN 'F' THEN 1 WHEN 'M' THEN 0 END",
        skewed=False,
        display_range=(0, 1),
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
