"""Environment variables of other programs."""

from collections.abc import Iterator

from flows.environment import told_variables


def variables() -> Iterator[str]:
    """Tell which variables of other programs are set, and whether they are obeyed."""
    for told in told_variables():
        yield f"variable {told}"
