"""What may happen to a warehouse, for Hypothesis to choose from."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from flows.settings import Settings
from tests.contracts.keys import CHOICES, KEY, KEYS
from tests.crypto_events.oracle.contract_oracle import RawRow
from tests.crypto_events.staging.histories.warehouse_history import History, moment
from tests.crypto_rows import AS_OF

DAYS = ["8/3/2025", "08/03/2025", "9/3/2025", "10/3/2025", "11/3/2025", "7/3/2025", "3/8/2025"]
ODD_DATES = [None, "x", "8-3-2025", "31/2/2025", "1/1/1970", "1/1/2028", "12/3/2025", "13/3/2025"]

CONTRACTS: list[dict[str, Any]] = [
    {},
    {"min_user_id": 2},
    {"sites": ("BRASIL",)},
    {"date_format": "M/D/YYYY"},
    {"placeholder_dates": ("2025-03-09",)},
    {"time_zone": "Pacific/Kiritimati"},
    {"max_deactivation_share": 0.0, "deactivation_allowance": 0},
]

rows = st.builds(
    RawRow,
    st.sampled_from([*["BRASIL"] * 5, "MEXICO", "BRASIL ", "Brasil", None]),
    st.sampled_from([*["1", "2", "3"] * 3, "01", "x", "0"]),
    st.one_of(st.sampled_from(DAYS), st.sampled_from(DAYS), st.sampled_from(ODD_DATES)),
    st.sampled_from([*["ETH"] * 5, "BTC", "btc"]),
    st.sampled_from([*["3"] * 6, "3.0", "4", "NaN"]),
    st.sampled_from([*["1"] * 6, "2", "0"]),
    st.builds(moment, st.integers(6, 13), st.sampled_from([0, 11, 23])),
    source=st.sampled_from(["client", "client", "other"]),
    row_number=st.integers(1, 4),
)
several = st.lists(rows, min_size=1, max_size=6)
# Mostly the key that the table has, since another one makes all that was judged void.
choice = st.tuples(st.sampled_from(CHOICES), st.sampled_from([*[KEY] * 3, *KEYS]))
cells = st.sampled_from(
    [
        ("purchase_date", "9/3/2025"),
        ("purchase_date", "x"),
        ("purchase_date", "12/3/2025"),
        ("user_id", "2"),
        ("user_id", "x"),
        ("site_id", "BRASIL"),
        ("purchase_units", "7"),
        ("purchase_price", "0"),
    ]
)
number = st.integers(0, 50)
meddling = st.sampled_from(
    [
        "UPDATE prod.bt_crypto_events SET is_active = NOT is_active",
        "UPDATE prod.bt_crypto_events_2025_03 SET purchase_units = purchase_units + 1",
        "DELETE FROM prod.bt_crypto_events",
    ]
)
usual = st.just((AS_OF, 5))
window = st.one_of(
    usual,
    usual,
    st.tuples(
        st.integers(-2, 2).map(lambda n: AS_OF + timedelta(days=n)), st.sampled_from([1, 2, 5])
    ),
)
# Mostly the same, or nothing that was judged would ever be used.
contract = st.sampled_from([*[0] * 20, *range(len(CONTRACTS))])
policy = st.sampled_from(["quarantine", "quarantine", "abort"])

events = st.one_of(
    st.tuples(st.just("arrive"), several),
    st.tuples(st.just("hold"), several),
    st.integers(0, 19).map(lambda n: ("remove_all",) if n == 13 else ("release",)),
    st.tuples(st.just("deliver"), several, st.sampled_from(["append", "replace-days"])),
    st.tuples(st.just("change"), number, cells),
    st.tuples(st.just("change"), number, cells),
    st.tuples(st.just("remove"), number),
    st.tuples(st.just("remove"), number),
    st.tuples(st.just("dismiss"), number),
    st.tuples(st.just("meddle"), number, meddling),
    st.tuples(st.just("forget"), st.sampled_from(["1", "2", "3"])),
    st.tuples(st.just("prune"), st.integers(-2, 1).map(lambda n: AS_OF + timedelta(days=n))),
    st.tuples(st.just("correct"), number, cells),
    st.tuples(st.integers(0, 9), choice).map(
        lambda drawn: ("choose", *drawn[1]) if drawn[0] == 7 else ("release",)
    ),
    st.tuples(st.just("cut_short"), contract, window),
    st.tuples(st.just("abandon"), contract, window),
    st.tuples(st.just("overtaken"), contract, window, window),
    st.tuples(st.just("run"), contract, window, policy),
    st.tuples(st.just("run"), contract, window, policy),
    st.tuples(st.just("run"), contract, window, policy, st.integers(1, 60)),
)


def under(settings: Settings, number: int) -> Settings:
    """Return the settings with another contract."""
    change = dict(CONTRACTS[number])
    zone = change.pop("time_zone", settings.time_zone)
    values = settings.model_dump()
    return Settings.model_validate(
        {**values, "time_zone": zone, "crypto": {**values["crypto"], **change}}
    )


def happens(history: History, event: tuple[Any, ...], run_id: str) -> Any:
    """Let an event happen in one of the warehouses."""
    kind, *details = event
    match kind:
        case "change" | "correct":
            which, (column, cell) = details
            return getattr(history, kind)(which, column, cell)
        case "cut_short":
            number, (as_of, days) = details
            if not history.full:  # the other one knows nothing of it
                history.cut_short(under(history.settings, number), as_of, days)
            return None
        case "abandon":
            number, (as_of, days) = details
            return history.abandon(under(history.settings, number), run_id, as_of, days)
        case "overtaken":
            number, first, second = details
            return history.overtaken(under(history.settings, number), run_id, first, second)
        case "run":
            number, (as_of, days), *policy_and_kill = details
            chosen = under(history.settings, number)
            return history.run(chosen, run_id, as_of, days, *policy_and_kill)
    return getattr(history, kind)(*details)
