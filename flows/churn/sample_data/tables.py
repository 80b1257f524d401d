"""The five churn files of a chunk of made-up users, as Arrow tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from flows.churn.sample_data import users as simulated
from flows.churn.sample_data.users import Choice, Flags, Users, Whole

FILES = ("PAYMENTS", "ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA")
_MONTH = 30
_HALF_YEAR = 180
_EPOCH = date(1970, 1, 1).toordinal()  # day 0 of Arrow's dates


@dataclass(frozen=True)
class Span:
    """The days a delivery covers, as `date.toordinal()`; how far behaviour drifts, since when."""

    as_of: int
    usage_as_of: int
    drift: float
    drift_from: int

    def drift_on(self, day: int) -> float:
        """Return how far behaviour has drifted on a day, 0 to 1."""
        return self.drift if day >= self.drift_from else 0.0


def tables(users: Users, span: Span) -> tuple[pa.Table, ...]:
    """Return the users' part of each file, in the order of FILES."""
    return (
        _payments(users, span),
        _active_user(users, span),
        _demograficos(users),
        _dinero_cuenta(users, span),
        _marketplace_data(users, span),
    )


def _payments(users: Users, span: Span) -> pa.Table:
    days = []
    for day in _days_up_to(span.as_of, _HALF_YEAR):
        made = users.payments(day, span.drift_on(day))
        columns = {
            "FECHA": _dates(np.full(made.buyer.size, day)),
            "CUS_CUST_ID_SEL": pa.array(made.seller),
            "CUS_CUST_ID_BUY": pa.array(made.buyer),
            "SPENT": _money(made.spent),
            "TPV_SEGMENT_DETAIL": _texts(simulated.SEGMENTS, made.segment),
            "DESCUENTO": _money(made.discount, missing=made.no_discount),
        }
        days.append(pa.table(columns))
    return pa.concat_tables(days)


def _active_user(users: Users, span: Span) -> pa.Table:
    wallet, marketplace, marketplace_before, last_login = np.zeros((4, users.buyer.size), np.int64)
    for day in _days_up_to(span.usage_as_of, _MONTH):
        visits = users.wallet_visits(day, span.drift_on(day))
        wallet += visits
        last_login[visits > 0] = day
        marketplace += users.marketplace_visits(day, span.drift_on(day))
    for day in _days_up_to(span.usage_as_of - _MONTH, _MONTH):
        marketplace_before += users.marketplace_visits(day, span.drift_on(day))
    return pa.table(
        {
            "CUS_CUST_ID_BUY": pa.array(users.buyer),
            "MAU_MP_1": pa.array(wallet),
            "MAU_ML_1": pa.array(marketplace),
            "MAU_ML_2": pa.array(marketplace_before),
            "last_login_mp_date_1": _dates(last_login, missing=last_login == 0),
        }
    )


def _demograficos(users: Users) -> pa.Table:
    return pa.table(
        {
            "CUS_CUST_ID_BUY": pa.array(users.buyer),
            "AGE": pa.array(users.age.value, mask=users.age.missing),
            "GENDER": _choices(simulated.GENDERS, users.gender),
            "CARD_TYPE": _choices(simulated.CARD_TYPES, users.card_type),
            "CITY": _choices(simulated.CITIES, users.city),
        }
    )


def _dinero_cuenta(users: Users, span: Span) -> pa.Table:
    highest = []
    for last in (span.usage_as_of, span.usage_as_of - _MONTH):
        month = np.zeros(users.buyer.size, np.int64)
        for day in _days_up_to(last, _MONTH):
            np.maximum(month, users.balances(day, span.drift_on(day)), out=month)
        highest.append(month)
    return pa.table(
        {
            "CUS_CUST_ID_BUY": pa.array(users.buyer),
            "PLATA_CUENTA_1": _money(highest[0]),
            "PLATA_CUENTA_2": _money(highest[1]),
            "INVERSION": _choices(simulated.INVESTMENTS, users.investment),
        }
    )


def _marketplace_data(users: Users, span: Span) -> pa.Table:
    spent, last_purchase, days_with_purchases = np.zeros((3, users.buyer.size), np.int64)
    for day in _days_up_to(span.usage_as_of, _HALF_YEAR):
        spent_on_day = users.purchases(day)
        spent += spent_on_day
        last_purchase[spent_on_day > 0] = day
        days_with_purchases += spent_on_day > 0
    return pa.table(
        {
            "CUS_CUST_ID_BUY": pa.array(users.buyer),
            "SPENT_ML": _money(spent),
            "RECENCY_ML": _dates(last_purchase, missing=last_purchase == 0),
            "FREQUENCY_ML": pa.array(days_with_purchases),
        }
    )


def _days_up_to(last: int, days: int) -> range:
    return range(last - days + 1, last + 1)


def _dates(day: Whole, missing: Flags | None = None) -> pa.Array:
    return pa.array((day - _EPOCH).astype("datetime64[D]"), mask=missing)


def _money(cents: Whole, missing: Flags | None = None) -> pa.Array:
    """Return the amounts with two decimals: the same integers, read as decimals."""
    whole = pa.array(cents, mask=missing)
    return pa.Array.from_buffers(pa.decimal64(18, 2), len(whole), whole.buffers())


def _texts(known: Sequence[str], value: Whole, missing: Flags | None = None) -> pa.Array:
    return pa.array(known).take(pa.array(value, mask=missing))


def _choices(known: Sequence[str], choice: Choice) -> pa.Array:
    return _texts(known, choice.value, choice.missing)
