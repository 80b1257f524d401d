"""Evidently: two samples of features compared column by column."""

import html
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.churn.drift.samples import YES_OR_NO
from flows.churn.features.definitions import FEATURE_NAMES
from flows.lazy_imports import quick_imports
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    from pandas import DataFrame

NUMBERS = "wasserstein"
ANSWERS = "jensenshannon"
MISSING = "missing"

# Evidently's page holds its own scripts and styles; wherever it is opened, it asks nobody.
_NOTHING_ELSEWHERE = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'unsafe-inline\' '
    "'unsafe-eval' data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'\">"
)


@dataclass(frozen=True)
class ColumnDrift:
    """How far a column moved from the reference; it drifted if the score reaches the threshold."""

    column_name: str
    method: str
    threshold: float
    score: float
    drifted: bool


@dataclass(frozen=True)
class Presence:
    """Columns to compare, columns with values in one sample only, and columns to leave out."""

    compared: list[str]
    one_sided: list[str]
    unknown: list[str]


def presence(current: "DataFrame", reference: "DataFrame") -> Presence:
    """Sort the features by which samples have values of them."""
    found = Presence([], [], [])
    for name in FEATURE_NAMES:
        sides = current[name].notna().any(), name in reference and reference[name].notna().any()
        # A feature newer than every snapshot did not drift: no snapshot has its column.
        if not any(sides) or name not in reference:
            found.unknown.append(name)
        else:
            (found.compared if all(sides) else found.one_sided).append(name)
    return found


def appeared_or_vanished(name: str) -> ColumnDrift:
    """Return the drift of a column that has values in one sample only."""
    return ColumnDrift(name, MISSING, threshold=1.0, score=1.0, drifted=True)


def compare(
    churn: ChurnSettings, current: "DataFrame", reference: "DataFrame", title: str, about: str
) -> tuple[list[ColumnDrift], str]:
    """Return the drift of each column that both samples have, and a page that shows it.

    The page needs no network. Its first lines are `title` and `about`.
    """
    # Evidently imports a web framework, and both emit many deprecation warnings.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with quick_imports():
            from evidently import DataDefinition, Dataset, Report
            from evidently.presets import DataDriftPreset

        columns = DataDefinition(
            numerical_columns=[name for name in current if name not in YES_OR_NO],
            categorical_columns=[name for name in current if name in YES_OR_NO],
        )
        preset = DataDriftPreset(
            num_method=NUMBERS,
            num_threshold=churn.drift_threshold,
            cat_method=ANSWERS,
            cat_threshold=churn.drift_threshold,
            drift_share=churn.drift_share,
        )
        compared = Report([preset]).run(
            Dataset.from_pandas(current, columns), Dataset.from_pandas(reference, columns)
        )
        found = [
            _column(metric["config"], float(metric["value"]))
            for metric in compared.dict()["metrics"]
            if "column" in metric["config"]
        ]
        page = compared.get_html_str(as_iframe=False)
    return found, _with_heading(page, title, about)


def _column(config: dict[str, object], score: float) -> ColumnDrift:
    threshold = float(str(config["threshold"]))
    return ColumnDrift(
        column_name=str(config["column"]),
        method=str(config["method"]),
        threshold=threshold,
        score=score,
        drifted=score >= threshold,
    )


def _with_heading(page: str, title: str, about: str) -> str:
    title, about = html.escape(title), html.escape(about)
    heading = f'<header style="font-family: sans-serif"><h1>{title}</h1><p>{about}</p></header>'
    page = page.replace("<head>", f"<head>{_NOTHING_ELSEWHERE}<title>{title}</title>", 1)
    return page.replace("<body>", f"<body>{heading}", 1)
