"""Made-up users: who they are, and what they do on any day.

Everything about a day is drawn from seed, chunk and day alone, so a day is the same in every
delivery and costs the same in every year. Days are `date.toordinal()`, money is in cents.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

CHUNK = 20_000  # users drawn at once; part of what makes a user reproducible

AGES = (18, 85)
GENDERS = ("F", "M")
CARD_TYPES = ("Credit", "Debit", "Prepaid", "None")
CITIES = (
    *("São Paulo", "Buenos Aires", "Ciudad de México", "Rio de Janeiro", "Córdoba", "Guadalajara"),
    *("Belo Horizonte", "Rosario", "Monterrey", "Curitiba", "Mendoza", "Puebla"),
)
INVESTMENTS = ("Investing", "Eligible", "Elegible", "Warmup", "Pending")
SEGMENTS = ("Instore", "Transport", "Utilities", "TopUps", "Transfers")

_SEGMENT_SHARES = (0.36, 0.2, 0.12, 0.2, 0.12)
_TYPICAL_SPENT = np.array([1_400, 250, 2_600, 500, 4_000])
_DISCOUNT_SHARES = np.array([0.05, 0.1, 0.15, 0.2, 0.3])
_SELLERS = 400
_FIRST_KNOWN_ID = 100_001
_UNKNOWN_SHARE = 0.003
_WITHOUT_MONEY = 0.1
_LOG_WEALTH = 8.5  # of the median user
_WAVES = 3
_DAYS_OF_A_WAVE = (200, 700)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


class _Subject(IntEnum):
    """What random numbers are used for: each use has its own stream."""

    PEOPLE = 0
    PAYMENTS = 1
    WALLET_VISITS = 2
    MARKETPLACE_VISITS = 3
    BALANCES = 4
    PURCHASES = 5


@dataclass(frozen=True)
class Tide:
    """A quantity of each user that rises and falls over months, around that user's own level.

    Waves of random phase make all days alike over many users, however far apart they are.
    """

    level: Floats
    height: float
    speed: Floats  # periods per day; one row per wave, one column per user
    phase: Floats  # in periods

    def on(self, day: int) -> Floats:
        """Return the quantity of each user on a day."""
        period = self.speed * day + self.phase
        period -= np.floor(period)
        # Triangles: ten times as fast as sines, and identical to the last bit on every machine.
        waves: Floats = (4 * np.abs(period - 0.5) - 1).sum(axis=0)
        return self.level + self.height * waves


@dataclass(frozen=True)
class Choice:
    """An attribute of each user: which of the known values, or that it is missing."""

    value: Whole
    missing: Flags


@dataclass(frozen=True)
class Payments:
    """The successful payments of one day, one element per payment."""

    buyer: Whole
    seller: Whole
    spent: Whole
    segment: Whole
    discount: Whole
    no_discount: Flags


@dataclass(frozen=True)
class Users:
    """A chunk of users: what they are like, and what they do on a given day.

    `activity` moves payments, visits and balances alike, so that each predicts the others;
    `bargains` makes discounts and payments more likely, `browsing` marketplace visits.
    """

    seed: int
    chunk: int
    buyer: Whole
    age: Choice
    gender: Choice
    card_type: Choice
    city: Choice
    investment: Choice
    activity: Tide
    bargains: Tide
    browsing: Tide
    log_wealth: Floats  # natural logarithm of a typical balance
    has_money: Flags

    def payments(self, day: int, drift: float) -> Payments:
        """Draw a day's payments; with drift they are larger, more often discounted, and others'.

        Who came for bargains leaves, and who has money pays more often: a model from before takes
        the former for loyal, and knows nothing of the latter.
        """
        draw = _draw(self.seed, _Subject.PAYMENTS, self.chunk, day)
        activity, bargains = self.activity.on(day), self.bargains.on(day)
        wealth = self.log_wealth - _LOG_WEALTH
        log_odds = 7 * activity + 3 * bargains + 3.5
        log_odds += drift * (5 * wealth - 4 * activity - 8 * bargains - 3)
        rate = 0.071 * np.exp(0.7 * drift) * _share(log_odds)
        user = np.repeat(np.arange(self.buyer.size), draw.poisson(rate))
        segment = _pick(draw.random(user.size), _SEGMENT_SHARES)
        spent = _TYPICAL_SPENT[segment] * np.exp(0.6 * _normal(draw, user.size) + 1.2 * drift)
        discounted = draw.random(user.size) < _share(3 * bargains[user] - 2.4 + 3 * drift)
        unknown = draw.random(user.size) < _UNKNOWN_SHARE
        return Payments(
            buyer=np.where(unknown, draw.integers(1, _FIRST_KNOWN_ID, user.size), self.buyer[user]),
            seller=1 + (_SELLERS * draw.random(user.size) ** 2).astype(np.int64),
            spent=_cents(spent),
            segment=segment,
            discount=_cents(spent * draw.choice(_DISCOUNT_SHARES, user.size)),
            no_discount=~discounted,
        )

    def wallet_visits(self, day: int, drift: float) -> Whole:
        """Draw how often each user visits the wallet app on a day."""
        draw = _draw(self.seed, _Subject.WALLET_VISITS, self.chunk, day)
        visits: Whole = draw.poisson(0.6 * np.exp(-1.5 * drift) * _share(2 * self.activity.on(day)))
        return visits

    def marketplace_visits(self, day: int, drift: float) -> Whole:
        """Draw how often each user visits the marketplace app on a day."""
        draw = _draw(self.seed, _Subject.MARKETPLACE_VISITS, self.chunk, day)
        visits: Whole = draw.poisson(0.5 * np.exp(-1.5 * drift) * _share(1.5 * self._interest(day)))
        return visits

    def purchases(self, day: int) -> Whole:
        """Draw what each user spends on the marketplace on a day; 0 for most users."""
        draw = _draw(self.seed, _Subject.PURCHASES, self.chunk, day)
        buys = draw.random(self.buyer.size) < 0.04 * _share(1.5 * self._interest(day) - 0.5)
        return np.where(buys, _cents(3_300 * np.exp(0.6 * _normal(draw, buys.size))), 0)

    def balances(self, day: int, drift: float) -> Whole:
        """Draw what each user has in the account on a day."""
        draw = _draw(self.seed, _Subject.BALANCES, self.chunk, day)
        noise = 0.4 * _normal(draw, self.buyer.size)
        log_balance = self.log_wealth + 0.6 * self.activity.on(day) + noise + 1.2 * drift
        return np.where(self.has_money, _cents(np.exp(log_balance)), 0)

    def _interest(self, day: int) -> Floats:
        return self.browsing.on(day) + 0.4 * self.activity.on(day)


def draw_users(seed: int, chunk: int, first: int, size: int) -> Users:
    """Draw `size` users, from user number `first` (counted from 0) on."""
    draw = _draw(seed, _Subject.PEOPLE, chunk, 0)
    loyalty = _normal(draw, size)
    age = np.clip(np.rint(38 - 2 * loyalty + 13 * _normal(draw, size)), *AGES).astype(np.int64)
    invests = draw.random(size) ** np.exp(0.3 * loyalty)
    return Users(
        seed=seed,
        chunk=chunk,
        buyer=_FIRST_KNOWN_ID + first + np.arange(size),
        age=_choice(draw, age, missing=0.08),
        gender=_choice(draw, _pick(draw.random(size), (0.52, 0.48)), missing=0.06),
        card_type=_choice(draw, _pick(draw.random(size), (0.35, 0.4, 0.1, 0.15)), missing=0.1),
        city=_choice(draw, _pick(draw.random(size) ** 1.5, (1,) * len(CITIES)), missing=0.05),
        investment=_choice(draw, _pick(invests, (0.2, 0.25, 0.05, 0.3, 0.2)), missing=0.15),
        activity=_tide(draw, 1.1 * loyalty, 0.8),
        bargains=_tide(draw, 0.8 * _normal(draw, size), 0.6),
        browsing=_tide(draw, 0.7 * _normal(draw, size), 0.6),
        log_wealth=_LOG_WEALTH + 0.8 * _normal(draw, size),
        has_money=draw.random(size) >= _WITHOUT_MONEY,
    )


def _draw(seed: int, subject: _Subject, chunk: int, day: int) -> np.random.Generator:
    return np.random.default_rng([seed, subject, chunk, day])


def _choice(draw: np.random.Generator, value: Whole, missing: float) -> Choice:
    return Choice(value, draw.random(value.size) < missing)


def _tide(draw: np.random.Generator, level: Floats, height: float) -> Tide:
    shape = (_WAVES, level.size)
    shortest, longest = _DAYS_OF_A_WAVE
    days = shortest + (longest - shortest) * draw.random(shape)
    return Tide(level, height, 1 / days, draw.random(shape))


def _normal(draw: np.random.Generator, size: int) -> Floats:
    return draw.standard_normal(size)


def _pick(uniform: Floats, shares: ArrayLike) -> Whole:
    """Return, for each number between 0 and 1, the index of the share it falls into."""
    upper = np.cumsum(shares)
    return np.searchsorted(upper[:-1] / upper[-1], uniform, side="right")


def _share(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-log_odds))


def _cents(amount: Floats) -> Whole:
    return np.maximum(np.rint(amount), 1).astype(np.int64)
