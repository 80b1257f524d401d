"""What drifted: each column's values, and the share of users of whom it is missing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.drift import distances
from flows.churn.drift.distances import Distance
from flows.churn.drift.result import ColumnDrift
from flows.churn.features.definitions import FEATURE_NAMES, FEATURES, used_features
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    import numpy.typing as npt
    from pandas import DataFrame

    Vector = npt.NDArray[np.float64]

YES_OR_NO = tuple(feature.name for feature in FEATURES if feature.unit == "yes or no")

NUMBERS = "wasserstein"
ANSWERS = "jensenshannon"
SHARE = "share"
MISSING = "missing"

_ONE_VALUE = 0.99
"""Share of one value from which a reference has no spread to measure distances in."""


@dataclass(frozen=True)
class Compared:
    """The drift of each column, and the columns of which nothing is known.

    `values`: the comparison of the values of each column that has some on both sides.
    """

    columns: list[ColumnDrift]
    values: list[ColumnDrift]
    unknown: list[str]


def compare_columns(churn: ChurnSettings, current: "DataFrame", reference: "DataFrame") -> Compared:
    """Compare each feature's values and its share of missing values with the reference.

    Thresholds are the settings', or what chance explains in samples of this size when that is more:
    of all comparisons together, in `drift_chance` of the weeks in which nothing changed.
    """
    chance = churn.drift_chance / (2 * len(FEATURE_NAMES))
    columns, values, unknown = [], [], []
    for name in used_features(churn):
        # A feature newer than every snapshot did not drift: no snapshot has its column.
        if name not in reference:
            unknown.append(name)
            continue
        now, before = _numbers(current, name), _numbers(reference, name)
        known, known_before = now[~np.isnan(now)], before[~np.isnan(before)]
        if not len(known) and not len(known_before):
            unknown.append(name)
            continue
        found = [_missing(churn, name, now, before, chance)]
        if len(known) and len(known_before):
            values.append(_values(churn, name, known, known_before, chance))
            found.insert(0, values[-1])
        farthest = max(found, key=lambda each: (each.drifted, each.score / each.threshold))
        columns.append(_with_missing(farthest, now, before))
    return Compared(columns, values, unknown)


def _numbers(users: "DataFrame", name: str) -> "Vector":
    return users[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _missing(
    churn: ChurnSettings, name: str, now: "Vector", before: "Vector", chance: float
) -> ColumnDrift:
    missing, missing_before = np.isnan(now), np.isnan(before)
    one_sided = missing.all() or missing_before.all()
    # A column that vanished or appeared did not move by a share: any number of users counts.
    least = 0.0 if one_sided else churn.drift_missing_threshold
    return _judged(name, MISSING, distances.share(missing, missing_before, chance), least)


def _values(
    churn: ChurnSettings, name: str, now: "Vector", before: "Vector", chance: float
) -> ColumnDrift:
    usual = np.median(before)  # of users who nearly all have one value, that one
    least = churn.drift_threshold
    if (before == usual).mean() >= _ONE_VALUE:
        method, found = SHARE, distances.share(now != usual, before != usual, chance)
    elif name in YES_OR_NO:
        method, found = ANSWERS, distances.jensen_shannon(now == 1, before == 1, chance)
        least = churn.drift_answers_threshold
    else:
        method, found = NUMBERS, distances.wasserstein(now, before, chance)
    return _judged(name, method, found, least)


def _judged(name: str, method: str, found: Distance, least: float) -> ColumnDrift:
    threshold = max(found.by_chance, least)
    return ColumnDrift(name, method, threshold, found.found, found.found >= threshold)


def _with_missing(found: ColumnDrift, now: "Vector", before: "Vector") -> ColumnDrift:
    return ColumnDrift(
        found.column_name,
        found.method,
        found.threshold,
        found.score,
        found.drifted,
        missing=float(np.isnan(now).mean()),
        missing_before=float(np.isnan(before).mean()),
    )
