"""Our contracts, and copies in which something is different."""

from pathlib import Path

from flows.paths import CONTRACTS

CRYPTO = CONTRACTS / "bt_crypto_events.odcs.yaml"
CHURN = CONTRACTS / "churn.odcs.yaml"


def changed(folder: Path, old: str, new: str, of: Path = CRYPTO) -> Path:
    """Return a copy of a contract in which each `old` is `new`."""
    text = of.read_text(encoding="utf-8")
    assert old in text
    copy = folder / "mine.odcs.yaml"
    copy.write_text(text.replace(old, new), encoding="utf-8")
    return copy
