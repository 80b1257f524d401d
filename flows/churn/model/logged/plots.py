"""Plots of a model: its calibration, its lift, and its strongest drivers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from flows.churn.model.metrics import Labels, Vector, deciles, found_by

_SIZE = (6, 4)
_SHOWN = 15
_POINTS = 1001


def plot_model(
    folder: Path,
    churned: Labels,
    probability: Vector,
    contributions: pd.DataFrame,
    weight: Vector | None = None,
) -> None:
    """Write calibration.png, lift.png and drivers.png into a new folder."""
    folder.mkdir()
    _save(folder / "calibration.png", lambda axes: _calibration(axes, churned, probability, weight))
    _save(folder / "lift.png", lambda axes: _lift(axes, churned, probability, weight))
    _save(folder / "drivers.png", lambda axes: _drivers(axes, contributions))


def _save(path: Path, draw: Callable[[Axes], None]) -> None:
    # Without pyplot there is no global state: nothing to close, and no display needed.
    figure = Figure(figsize=_SIZE, layout="constrained")
    draw(figure.subplots())
    figure.savefig(path, dpi=120)


def _calibration(axes: Axes, churned: Labels, probability: Vector, weight: Vector | None) -> None:
    predicted, observed, _ = zip(*deciles(churned, probability, weight), strict=True)
    axes.plot([0, 1], [0, 1], "--", color="grey", label="perfect")
    axes.plot(predicted, observed, "o-", label="deciles of the holdout")
    axes.set(
        title="Calibration",
        xlabel="predicted churn",
        ylabel="observed churn",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    axes.legend()


def _lift(axes: Axes, churned: Labels, probability: Vector, weight: Vector | None) -> None:
    speak = np.ones(len(churned)) if weight is None else weight
    contacted = np.linspace(0, 1, _POINTS)
    found = found_by(probability, speak, speak * churned, contacted * speak.sum())
    axes.plot([0, 1], [0, 1], "--", color="grey", label="at random")
    axes.plot(contacted, found / (speak * churned).sum(), label="highest probability first")
    axes.set(title="Gain", xlabel="share of users contacted", ylabel="share of churners reached")
    axes.legend()


def _drivers(axes: Axes, contributions: pd.DataFrame) -> None:
    weight = contributions.abs().mean().sort_values().tail(_SHOWN)
    axes.barh(list(weight.index), weight.to_numpy())
    axes.set(title="What moves the model", xlabel="mean |SHAP value| (log-odds)")
