"""Evidently's page about two samples of features, with the verdicts of `columns`."""

import html
from typing import TYPE_CHECKING, Any

from flows.churn.drift.columns import NUMBERS, SHARE, YES_OR_NO
from flows.churn.drift.result import ColumnDrift
from flows.lazy_imports import quick_imports
from flows.quiet import without_warnings
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    from pandas import DataFrame

# Evidently's page holds its own scripts and styles; wherever it is opened, it asks nobody.
_NOTHING_ELSEWHERE = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'unsafe-inline\' '
    "'unsafe-eval' data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'\">"
)

_LEAST_DEVIATION = 0.001
"""Evidently measures distances of numbers in no smaller standard deviation than this."""


def evidently_page(
    churn: ChurnSettings,
    compared: list[ColumnDrift],
    current: "DataFrame",
    reference: "DataFrame",
    title: str,
    about: str,
) -> str:
    """Return Evidently's report on the values of the compared columns, which needs no network.

    Its first lines are `title` and `about`; it uses the methods and thresholds of `compared`.
    """
    if not compared:
        return _with_heading("<html><head></head><body></body></html>", title, about)
    names = [column.column_name for column in compared]
    report = evidently_report(churn, compared, current[names], reference[names], each_column=False)
    return _with_heading(report.get_html_str(as_iframe=False), title, about)


def evidently_report(
    churn: ChurnSettings,
    compared: list[ColumnDrift],
    current: "DataFrame",
    reference: "DataFrame",
    *,
    each_column: bool = True,
) -> Any:
    """Return the result of Evidently's DataDriftPreset on those columns.

    Without `each_column` it has no metric of each, whose picture is not on the page and takes a
    third of the time: the page has a table with all of them.
    """
    # Evidently imports a web framework, and both emit many deprecation warnings.
    with without_warnings():
        with quick_imports():
            from evidently import DataDefinition, Dataset, Report
            from evidently.presets import DataDriftPreset

        # Evidently has no types that mypy reads, and a preset has no option for it.
        class CountAlone(DataDriftPreset):  # type: ignore[misc]
            def generate_metrics(self, context: Any) -> Any:
                return super().generate_metrics(context)[:1]

        _teach_share()
        columns = DataDefinition(
            numerical_columns=[name for name in current if name not in YES_OR_NO],
            categorical_columns=[name for name in current if name in YES_OR_NO],
        )
        preset = (DataDriftPreset if each_column else CountAlone)(
            per_column_method={column.column_name: column.method for column in compared},
            per_column_threshold={
                column.column_name: _threshold(column, reference) for column in compared
            },
            drift_share=churn.drift_share,
        )
        return Report([preset]).run(
            Dataset.from_pandas(current, columns), Dataset.from_pandas(reference, columns)
        )


def _threshold(column: ColumnDrift, reference: "DataFrame") -> float:
    """Return the column's threshold in Evidently's measure, which knows no small spread."""
    if column.method != NUMBERS:
        return column.threshold
    deviation = float(reference[column.column_name].std(ddof=0))
    return column.threshold * min(deviation / _LEAST_DEVIATION, 1)


def _teach_share() -> None:
    """Add the method `share` to Evidently: how many users have another value than is usual."""
    from evidently.legacy.calculations.stattests import StatTest, register_stattest
    from evidently.legacy.core import ColumnType

    def share(
        reference: Any, current: Any, feature_type: object, threshold: float
    ) -> tuple[float, bool]:
        usual = reference.mode().iloc[0]
        apart = abs(float((current == usual).mean()) - float((reference == usual).mean()))
        return apart, apart >= threshold

    kinds = [ColumnType.Numerical, ColumnType.Categorical]
    register_stattest(StatTest(SHARE, "Share of unusual values", kinds), share)


def _with_heading(page: str, title: str, about: str) -> str:
    title, about = html.escape(title), html.escape(about)
    heading = f'<header style="font-family: sans-serif"><h1>{title}</h1><p>{about}</p></header>'
    page = page.replace("<head>", f"<head>{_NOTHING_ELSEWHERE}<title>{title}</title>", 1)
    return page.replace("<body>", f"<body>{heading}", 1)
