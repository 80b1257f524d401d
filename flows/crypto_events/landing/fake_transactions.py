"""A Faker provider of crypto transactions: a day's rows as arrays, not one call per row."""

from collections.abc import Iterator
from datetime import date

import numpy as np
from faker import Faker
from faker.providers import BaseProvider

# Typical price and the spread of its logarithm; units give orders of a few thousand dollars.
_MARKETS = {"BTC": (60_000.0, 0.02), "ETH": (3_000.0, 0.03), "USDC": (1.0, 0.001)}
_OTHER_MARKET = (100.0, 0.05)
_ORDER_VALUE = (2_000.0, 1.0)

# A day's users are steps around a circle of prime length, so no two rows of a day collide.
_CIRCLE = 999_999_937
_CHUNK = 10_000  # rows drawn at once; part of what makes a row reproducible


class CryptoTransactions(BaseProvider):
    """Draws transactions with NumPy, seeded by this Faker instance."""

    def crypto_transactions(
        self,
        day: date,
        date_text: str,
        first: int,
        count: int,
        sites: tuple[str, ...],
        cryptos: tuple[str, ...],
    ) -> list[str]:
        """Return `count` rows as tab-separated site, user, date, crypto, price, units."""
        rng = np.random.default_rng(self.generator.random.getrandbits(64))
        crypto = rng.integers(len(cryptos), size=count)
        site = rng.integers(len(sites), size=count)
        markets = np.array([_MARKETS.get(name, _OTHER_MARKET) for name in cryptos])
        price = markets[crypto, 0] * np.exp(markets[crypto, 1] * rng.standard_normal(count))
        order = _ORDER_VALUE[0] * np.exp(_ORDER_VALUE[1] * rng.standard_normal(count))
        user = 1 + (day.toordinal() * 7_368_787 + (first + np.arange(count)) * 15_485_863) % _CIRCLE
        return [
            f"{sites[s]}\t{u}\t{date_text}\t{cryptos[c]}\t{p:.4f}\t{units:.8f}"
            for s, u, c, p, units in zip(
                site.tolist(),
                user.tolist(),
                crypto.tolist(),
                price.tolist(),
                np.maximum(order / price, 1e-8).tolist(),
                strict=True,
            )
        ]


def fake_transactions(
    seed: int,
    day: date,
    date_text: str,
    start: int,
    stop: int,
    sites: tuple[str, ...],
    cryptos: tuple[str, ...],
) -> Iterator[list[str]]:
    """Yield rows number `start` to `stop` (exclusive) of a day, in lists of bounded length.

    `date_text` is the day as the contract writes it.
    Row `n` of a day is always the same, whatever range is requested, so a day can be topped up.
    """
    fake = Faker(use_weighting=False)
    fake.add_provider(CryptoTransactions)
    for chunk in range(start // _CHUNK, -(-stop // _CHUNK)):
        fake.seed_instance(f"{seed} {day.isoformat()} {chunk}")
        first = chunk * _CHUNK
        rows = fake.crypto_transactions(day, date_text, first, _CHUNK, sites, cryptos)
        yield rows[max(start - first, 0) : stop - first]
