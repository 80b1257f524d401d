"""Which columns of the source files each feature is made from, for lineage."""

from flows.churn.features.definitions import FEATURES
from flows.churn.sources.contract import PAYMENTS, SOURCE_FILES

# Beside the day of a payment, which every feature of payments reads.
_OF_PAYMENTS = {
    "payments_sum": "spent",
    "payments_sum_last_30d": "spent",
    "avg_discount": "discount",
    "discounted_share": "discount",
    "instore_payments": "segment",
    "utilities_payments": "segment",
}
# Of the files about users; those that are left out have the name of their column.
_OF_USERS = {
    "login_recency_days": "last_login_on",
    "saldo_mes_actual": "balance_last_month",
    "saldo_mes_previo": "balance_month_before",
    "has_investment": "investment",
    "recency_ml_days": "last_purchase_on",
    "gender_is_female": "gender",
    "has_card": "card_type",
}
_COLUMNS = {
    column.becomes: (file.name, column.name)
    for file in SOURCE_FILES
    for column in file.columns
    if column.becomes != "user_id"
}
PAYMENT_DAY = (PAYMENTS.name, "FECHA")

Origin = tuple[str, str]


def origins() -> dict[str, tuple[Origin, ...]]:
    """Return the file and column of each origin, by feature."""
    found: dict[str, tuple[Origin, ...]] = {}
    for feature in FEATURES:
        if feature.source == "payments":
            more = _OF_PAYMENTS.get(feature.name)
            found[feature.name] = (PAYMENT_DAY, _COLUMNS[more]) if more else (PAYMENT_DAY,)
        else:
            found[feature.name] = (_COLUMNS[_OF_USERS.get(feature.name, feature.name)],)
    return found
