"""The users that a model was trained on, in a few numbers: what is usual, and a typical one."""

from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.features.definitions import feature
from flows.churn.production.in_mlflow import MODEL
from flows.platform.compute.spill import scratch_folder
from flows.platform.storage.atomic_files import read_json_as
from flows.settings import Settings

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from flows.churn.model.model_document import ServedModel
    from flows.churn.model.registered_model import Vector

TRAINING_USERS = "training_users.json"
_USUAL = (0.01, 0.99)
_DIGITS = 2  # that forms show
_SCALE = 100


@dataclass(frozen=True)
class UsualValues:
    """A feature's values: all but one in fifty lie between `low` and `high`.

    `typical` is what the typical user has, which is between them; None where it is unknown.
    """

    low: float
    high: float
    typical: float | None


@dataclass(frozen=True)
class TrainingUsers:
    """How many there were, and the usual values of each feature that the model reads."""

    users: int
    features: dict[str, UsualValues]


def describe_users(users: "DataFrame", model: "ServedModel") -> TrainingUsers:
    """Return what the users of a training have in common; nobody's id is in it.

    The typical user is one of them: the medoid, whose squared distances to the others, as the
    model sees them, sum to the least. That is the one nearest to their mean.
    """
    typical = users.iloc[int(np.argmin(_distances(users, model.feature_names)))]
    return TrainingUsers(
        len(users),
        {name: _usual_values(users[name], typical[name]) for name in model.feature_names},
    )


def training_users(settings: Settings, version: str) -> TrainingUsers | None:
    """Return the users that a registered version was trained on, when MLflow's client is set up.

    None for a version of before they were kept. Raises what MLflow raises for its files.
    """
    from mlflow import artifacts

    folder = f"models:/{MODEL}/{version}/artifacts"
    found = [file.path for file in artifacts.list_artifacts(artifact_uri=folder)]
    if not any(path.endswith(TRAINING_USERS) for path in found):
        return None
    with scratch_folder(settings) as downloads:
        file = artifacts.download_artifacts(
            artifact_uri=f"{folder}/{TRAINING_USERS}", dst_path=str(downloads)
        )
        return read_json_as(Path(file), TrainingUsers)


def _distances(users: "DataFrame", names: list[str]) -> "Vector":
    """Return each user's squared distance to the mean, in standard deviations of each input.

    Whether a value is unknown is an input as well, as it is for models.
    """
    squared = np.zeros(len(users))
    for name in names:
        value = users[name].to_numpy(dtype=np.float64)
        if feature(name).skewed:
            value = np.sign(value) * np.log1p(np.abs(value))
        missing = np.isnan(value)
        mean = 0.0 if missing.all() else np.nanmean(value)
        for seen in (np.where(missing, mean, value), missing.astype(np.float64)):
            deviation = seen.std()
            if deviation:
                squared += ((seen - seen.mean()) / deviation) ** 2
    return squared


def _usual_values(values: "Series[float]", typical: float) -> UsualValues:
    known = values.dropna().to_numpy(dtype=np.float64)
    # Values that somebody has: visits are whole numbers.
    low, high = np.quantile(known, _USUAL, method="inverted_cdf") if len(known) else (0.0, 0.0)
    if np.isnan(typical):
        return UsualValues(_down(low), _up(high), None)
    # Nobody is typical in everything; and digits that forms do not show must exclude nobody.
    return UsualValues(
        _down(min(low, typical)), _up(max(high, typical)), round(float(typical), _DIGITS)
    )


def _down(value: float) -> float:
    return floor(value * _SCALE) / _SCALE


def _up(value: float) -> float:
    return ceil(value * _SCALE) / _SCALE
