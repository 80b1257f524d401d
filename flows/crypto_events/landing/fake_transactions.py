"""A Faker provider of crypto transactions: a day's rows as arrays, not one call per row."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
from faker import Faker
from faker.providers import BaseProvider
from numpy.typing import NDArray

# Typical price and the spread of its logarithm; units give orders of a few thousand dollars.
_MARKETS = {"BTC": (60_000.0, 0.02), "ETH": (3_000.0, 0.03), "USDC": (1.0, 0.001)}
_OTHER_MARKET = (100.0, 0.05)
_ORDER_VALUE = (2_000.0, 1.0)

# A day's users are steps around a circle of prime length, so no two rows of a day collide.
_CIRCLE = 999_999_937
_CHUNK = 10_000  # rows drawn at once; part of what makes a row reproducible

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "%": "%%"})


class CryptoTransactions(BaseProvider):
    """Draws transactions with NumPy, seeded by this Faker instance."""

    def crypto_transactions(
        self,
        day: date,
        first: int,
        count: int,
        sites: int,
        cryptos: tuple[str, ...],
    ) -> "Drawn":
        """Return `count` rows as arrays; sites and cryptos as positions in the contract's lists."""
        rng = np.random.default_rng(self.generator.random.getrandbits(64))
        crypto = rng.integers(len(cryptos), size=count)
        site = rng.integers(sites, size=count)
        markets = np.array([_MARKETS.get(name, _OTHER_MARKET) for name in cryptos])
        price = markets[crypto, 0] * np.exp(markets[crypto, 1] * rng.standard_normal(count))
        order = _ORDER_VALUE[0] * np.exp(_ORDER_VALUE[1] * rng.standard_normal(count))
        user = 1 + (day.toordinal() * 7_368_787 + (first + np.arange(count)) * 15_485_863) % _CIRCLE
        return Drawn(site, user, crypto, price, np.maximum(order / price, 1e-8))


class Drawn(NamedTuple):
    """Rows as arrays, one a column."""

    site: NDArray[np.int64]
    user: NDArray[np.int64]
    crypto: NDArray[np.int64]
    price: NDArray[np.float64]
    units: NDArray[np.float64]


def fake_transactions(
    seed: int,
    day: date,
    date_text: str,
    start: int,
    stop: int,
    sites: tuple[str, ...],
    cryptos: tuple[str, ...],
    source: str,
) -> Iterator[str]:
    """Yield rows number `start` to `stop` (exclusive) of a day, as text for COPY, bit by bit.

    A line is site, user, date, crypto, price, units, source, number in the source (from 1).
    `date_text` is the day as the contract writes it.
    Row `n` of a day is always the same, whatever range is requested, so a day can be topped up.
    """
    fake = Faker(use_weighting=False)
    fake.add_provider(CryptoTransactions)
    # One `%` for a whole chunk costs less than formatting line by line.
    lines = np.array(
        [
            f"{_literal(site)}\t%d\t{_literal(date_text)}\t{_literal(crypto)}"
            f"\t%.4f\t%.8f\t{_literal(source)}\t%d\n"
            for site in sites
            for crypto in cryptos
        ],
        dtype=object,
    )
    for chunk in range(start // _CHUNK, -(-stop // _CHUNK)):
        fake.seed_instance(f"{seed} {day.isoformat()} {chunk}")
        first = chunk * _CHUNK
        drawn: Drawn = fake.crypto_transactions(day, first, _CHUNK, len(sites), cryptos)
        wanted = slice(max(start - first, 0), min(stop - first, _CHUNK))
        site, user, crypto, price, units = (column[wanted] for column in drawn)
        values = np.empty((len(user), 4), dtype=object)
        numbers = np.arange(first + wanted.start, first + wanted.stop) + 1
        values[:, 0], values[:, 1], values[:, 2], values[:, 3] = user, price, units, numbers
        yield "".join(lines[site * len(cryptos) + crypto]) % tuple(values.ravel())


def _literal(text: str) -> str:
    """Escape what COPY and `%` would read as something else."""
    return text.translate(_ESCAPED)
