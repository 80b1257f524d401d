"""Which columns of the contract each feature is made from, and whether the contract has them."""

from collections.abc import Iterator

from flows.churn.features.definitions import FEATURES
from flows.contracts.contract import Contract
from flows.contracts.errors import BadContract
from flows.errors import a_few
from flows.settings.contracted import churn_contract

# Of payments: beside the day of a payment, which every feature of payments reads.
_OF_PAYMENTS = {
    "payments_sum": "spent",
    "payments_sum_last_30d": "spent",
    "avg_discount": "discount",
    "discounted_share": "discount",
    "instore_payments": "segment",
    "utilities_payments": "segment",
}
_OF_USERS = {
    "mau_mp_1": ("ACTIVE_USER", "mau_mp_1"),
    "mau_ml_1": ("ACTIVE_USER", "mau_ml_1"),
    "mau_ml_2": ("ACTIVE_USER", "mau_ml_2"),
    "login_recency_days": ("ACTIVE_USER", "last_login_on"),
    "saldo_mes_actual": ("DINERO_CUENTA", "balance_last_month"),
    "saldo_mes_previo": ("DINERO_CUENTA", "balance_month_before"),
    "has_investment": ("DINERO_CUENTA", "investment"),
    "spent_ml": ("MARKETPLACE_DATA", "spent_ml"),
    "frequency_ml": ("MARKETPLACE_DATA", "frequency_ml"),
    "recency_ml_days": ("MARKETPLACE_DATA", "last_purchase_on"),
    "age": ("DEMOGRAFICOS", "age"),
    "gender_is_female": ("DEMOGRAFICOS", "gender"),
    "has_card": ("DEMOGRAFICOS", "card_type"),
}
_PAYMENTS = "PAYMENTS"
# What no feature reads, but every run does: who it is, and what a score tells beside it.
_FOR_EVERYBODY = "every feature"
_FOR_SCORES = "the scores"

Origin = tuple[str, str]


def origins() -> dict[str, tuple[Origin, ...]]:
    """Return the file and column of each origin, by feature, as the contract names them."""
    found: dict[str, tuple[Origin, ...]] = {}
    for feature in FEATURES:
        if feature.source == "payments":
            more = _OF_PAYMENTS.get(feature.name)
            also = ((_PAYMENTS, more),) if more else ()
            found[feature.name] = ((_PAYMENTS, "paid_on"), *also)
        else:
            found[feature.name] = (_OF_USERS[feature.name],)
    return found


def check_contract() -> None:
    """Raise BadContract when the contract of the churn files lacks a column that features need."""
    for problem in what_features_lack(churn_contract()):
        raise problem


def what_features_lack(contract: Contract) -> Iterator[BadContract]:
    """Yield a sentence for each column that features need and the contract does not have."""
    tables = {table.name: table for table in contract.tables}
    for (name, column), needed_by in _needed().items():
        table = tables.get(name)
        if table is None:
            line, lacks = None, f"the contract has no table {name} with a column {column}"
        elif column not in (found.name for found in table.columns):
            line, lacks = table.line, f"{name} has no column {column}"
        else:
            continue
        yield BadContract(
            contract.path,
            line,
            f"{lacks}, which {a_few(needed_by, 20)} "
            f"{'need' if len(needed_by) > 1 else 'needs'}: keep it, or take them out of the "
            "features first.",
        )


def _needed() -> dict[Origin, list[str]]:
    files = dict.fromkeys((_PAYMENTS, *(file for file, _ in _OF_USERS.values())))
    needed = {(file, "user_id"): [_FOR_EVERYBODY] for file in files}
    for feature, found in origins().items():
        for origin in found:
            needed.setdefault(origin, []).append(feature)
    for origin in ((_PAYMENTS, "segment"), (_PAYMENTS, "spent"), ("DEMOGRAFICOS", "city")):
        needed.setdefault(origin, []).append(_FOR_SCORES)
    return needed
