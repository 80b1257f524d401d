"""Amounts with the currency that the contract names; without one they are bare numbers."""

from app.text import plain
from flows.churn.sources.contract import PAYMENTS


def currency() -> str | None:
    """Return the currency of what users paid, where the contract names one."""
    return next((c.currency for c in PAYMENTS.columns if c.becomes == "spent"), None)


def in_currency(name: str) -> str:
    """Return what an amount is called with its currency: `Budget (EUR)`."""
    return f"{name} ({plain(found)})" if (found := currency()) else name


def amount(value: float) -> str:
    """Return an amount of money without cents: `1,234 EUR`."""
    found = currency()
    return f"{value:,.0f} {plain(found)}" if found else f"{value:,.0f}"
