"""The features over a user's payments in the lookback; `days_ago` counts back from the cutoff."""

from flows.churn.features.declaration import Feature


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

PAYMENT_FEATURES = (
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
)
