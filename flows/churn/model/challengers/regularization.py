"""Which regularization is best, beyond the edge of the grid where the edge is."""

import logging
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

_MOST_STEPS = 3
_STEP = 10.0
_WORTH_A_STEP = 1e-4


def search(grid: Sequence[float], loss_of: Callable[[float], float]) -> dict[float, float]:
    """Return the loss of each regularization that was tried: of the grid, and beyond its edge.

    While an edge is the best, its tenth (or ten times it) is tried as well: three times at the
    most, and no further once a step gains less than 0.0001. Zero has nothing below it. A grid of
    one value has no edge: it is what somebody wants, and is taken as it is.
    """
    losses = {value: loss_of(value) for value in dict.fromkeys(grid)}
    if len(losses) == 1:
        return losses
    for _ in range(_MOST_STEPS):
        best = min(losses, key=losses.__getitem__)
        beyond = _beyond(best, losses)
        if beyond is None:
            return losses
        losses[beyond] = loss_of(beyond)
        gained = losses[best] - losses[beyond]
        logger.info(
            "Regularization %g is the best of the grid and its edge: %g, tried as well, has a "
            "log-loss of %.5f, against %.5f.",
            best,
            beyond,
            losses[beyond],
            losses[best],
        )
        if 0 < gained < _WORTH_A_STEP:
            return losses
    best = min(losses, key=losses.__getitem__)
    if _beyond(best, losses) is not None:
        logger.warning(
            "Regularization %g is still an edge after %d steps, and is taken: extend "
            "KPI_CHURN__REGULARIZATIONS.",
            best,
            _MOST_STEPS,
        )
    return losses


def _beyond(best: float, losses: dict[float, float]) -> float | None:
    """Return the value to try next to an edge that is best; None where the best is no edge."""
    if best == 0:
        return None
    if best == min(losses):
        return best / _STEP
    return best * _STEP if best == max(losses) else None
