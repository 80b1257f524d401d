"""The settings of the crypto events pipeline."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from flows.settings import contracted


class CryptoSettings(BaseModel):
    """What the crypto events pipeline accepts and how it behaves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The contract, and what overrides it (see flows/settings/contracted.py).
    contract: Path = Path("contracts/bt_crypto_events.odcs.yaml")
    """File of the contract; a relative one counts from this project's folder. The next ten override
    what it says."""
    sites: tuple[str, ...] = Field(default_factory=contracted.names("SITES"), min_length=1)
    """Sites that are known."""
    crypto_types: tuple[str, ...] = Field(
        default_factory=contracted.names("CRYPTO_TYPES"), min_length=1
    )
    """Crypto assets that are known."""
    date_format: str = Field(default_factory=contracted.date_format)
    """Form of purchase_date: D or DD, M or MM, YYYY, and one of `/ - .` or a blank between."""
    first_year: int = Field(default_factory=contracted.first_year, ge=1, le=9999)
    """First year that counts as a real date; the first bitcoin is of 2009."""
    last_year: int = Field(default_factory=contracted.last_year, ge=1, le=9999)
    """Last year that counts as a real date."""
    placeholder_dates: tuple[date, ...] = Field(default_factory=contracted.placeholder_dates)
    """Days that systems write when they know none: never real dates, whatever the years are."""
    min_user_id: int = Field(default_factory=contracted.min_user_id)
    """Smallest user_id."""
    price_integer_digits: int = Field(
        default_factory=contracted.digits("PRICE_INTEGER_DIGITS"), ge=1, le=100
    )
    """Digits that a price may have before the point."""
    units_integer_digits: int = Field(
        default_factory=contracted.digits("UNITS_INTEGER_DIGITS"), ge=1, le=100
    )
    """Digits that units may have before the point."""
    number_max_length: int = Field(default_factory=contracted.number_max_length, ge=1, le=1000)
    """Characters that a number may have in all."""

    # One run.
    window_days: int = Field(5, ge=1, le=3660)
    """Days that a run rebuilds."""
    min_rows_per_day: int = Field(4, ge=0)
    """Rows up to which the generator tops a day up; 0 switches it off."""
    generator_seed: int = 2026
    """Same seed and day, same fake rows."""
    policy: Literal["abort", "quarantine"] = "abort"
    """What bad rows do: stop the run, or stay out while the rest is published."""
    max_reject_share: float = Field(0.05, ge=0, le=1)
    """Share of bad rows above which quarantine stops the run, too."""

    # Guards of the publication.
    max_deactivation_share: float = Field(0.2, ge=0, le=1)
    """Share of a day's, or the window's, live rows that may vanish before a run stops and asks."""
    deactivation_allowance: int = Field(5, ge=0)
    """So many rows may vanish whatever the share."""

    freshness_hours: float = Field(default_factory=contracted.freshness_hours, gt=0)
    """Hours after a publication from which the app calls the published data late; it overrides the
    contract's freshness."""
