"""The metrics: what Prometheus reads when it asks, names and labels bounded.

A label has the names of pipelines, rules, checks or kinds of rows, which the code declares: never
what was delivered, a user, a run or a host. What is not among them counts as `other`.
"""

import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.crypto_events.contract import DUPLICATE, raw_rules
from flows.crypto_events.pipeline import PIPELINE
from flows.errors import KpiError
from flows.observed.checks import CHECKS, Found, found_by, warehouse_tables
from flows.observed.looks import Look
from flows.observed.prefect import prefect_counts, prefect_is_away, prefect_run_seconds
from flows.platform.warehouse.connection import execute, fetch_one
from flows.retention.pipeline import PIPELINE as RETENTION
from flows.settings import Settings

logger = logging.getLogger(__name__)

OTHER = "other"
PIPELINES = (PIPELINE, TRAINING, SCORING, DRIFT_MONITOR, WATCHDOG, RETENTION)
_NAMES = {one.name for one in PIPELINES}


class Platform:
    """Looks at the platform, at most once in ten seconds however often it is asked."""

    def __init__(self, settings: Settings) -> None:
        self._told = ""
        self._sources: tuple[Look[list[Metric]], ...] = (
            Look("the disk", lambda: list(_of_the_disk(settings)), []),
            Look("Prefect", lambda: list(prefect_counts()), prefect_is_away()),
            Look("Prefect's runs", lambda: list(prefect_run_seconds(PIPELINES)), []),
            Look("the warehouse", lambda: self._warehouse(settings), [_warehouse_up(False)]),
        )
        self._checks: tuple[Look[list[Found] | None], ...] = tuple(
            Look(f"the check {check.__name__}", partial(found_by, check, settings), None)
            for check in CHECKS
        )

    def collect(self) -> list[Metric]:
        """Return every metric; those of whoever is away, silent or wrong are left out."""
        for source in self._sources:
            source.begin()
        for check in self._checks:
            check.begin()
        return [
            *(metric for source in self._sources for metric in source.answer()),
            self._of_the_checks(),
        ]

    def _of_the_checks(self) -> Metric:
        metric = _gauge("check_ok", "Whether all that kpi check looks at is well", "check")
        for check, look in zip(CHECKS, self._checks, strict=True):
            found = look.answer()
            # What is not set is not looked at; what cannot be looked at is not well.
            if found is None or found:
                well = found is not None and all(one.ok for one in found)
                metric.add_metric([check.__name__], well)
        return metric

    def _warehouse(self, settings: Settings) -> list[Metric]:
        try:
            # Whole, before any of it is told.
            found = list(_of_the_warehouse(settings))
        except KpiError as error:
            if str(error) != self._told:
                logger.warning("%s", error)
            self._told = str(error)
            return [_warehouse_up(False)]
        self._told = ""
        return [_warehouse_up(True), *found]


def _warehouse_up(answers: bool) -> Metric:
    return _value("warehouse_up", "Whether the warehouse answers, with tables of ours", answers)


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kpi_{name}", what, labels=labels)


def _of_the_disk(settings: Settings) -> Iterator[Metric]:
    existing = next(one for one in (settings.home, *settings.home.parents) if one.exists())
    usage = shutil.disk_usage(existing)
    yield _value("disk_free_bytes", "Free room where runs write", usage.free)
    yield _value("disk_size_bytes", "The size of that disk", usage.total)
    file = settings.check.backup_file
    if file and file.exists():
        age = datetime.now(UTC).timestamp() - file.stat().st_mtime
        yield _value("backup_age_seconds", "Seconds since the last whole backup", age)


def _of_the_warehouse(settings: Settings) -> Iterator[Metric]:
    with warehouse_tables(settings) as connection:
        successes = execute(connection, "operations/last_successes.sql").fetchall()
        run = execute(connection, "operations/last_run.sql").fetchone()
        staged = execute(connection, "operations/last_staged.sql").fetchone()
        rejects = execute(connection, "operations/open_rejects.sql").fetchall()
        drift = execute(connection, "operations/last_drift.sql").fetchone()
        outcomes = execute(connection, "operations/last_outcomes.sql").fetchall()
        forgettings = fetch_one(connection, "operations/open_forgettings.sql")
        held = execute(connection, "operations/held_pipelines.sql").fetchall()
    yield _successes(successes)
    yield _value(
        "freshness_limit_seconds",
        "Seconds after a publication from which crypto events count as late",
        settings.crypto.freshness_hours * 3600,
    )
    if run:
        yield _value("run_seconds", "From stage to publication of the last run", run.pop("seconds"))
        yield _rows("run_rows", "Rows of the last published run of crypto events", run)
    if staged:
        published = staged.pop("published")
        yield _value("staged_published", "Whether the last staged run was published", published)
        yield _rows("staged_rows", "Rows of the last staged run, published or refused", staged)
    yield _rejects(settings, rejects)
    yield _value(
        "open_forgettings",
        "People who are to be forgotten, of whom a place is still to be searched",
        forgettings["lines"],
    )
    if drift:
        yield _value("drift_share", "Share of features that drifted", drift["drifted_share"])
        yield _value("drift_week", "Whether the last week drifted", drift["drifted_week"])
    yield from _outcomes(outcomes)
    holds = _gauge("pipeline_held_seconds", "Seconds for which a run holds it", "pipeline")
    for row in held:
        if row["pipeline"] in _NAMES:
            holds.add_metric([row["pipeline"]], row["seconds"])
    yield holds


def _rows(name: str, what: str, counts: dict[str, int | None]) -> Metric:
    metric = _gauge(name, what, "kind")
    for kind, count in counts.items():
        metric.add_metric([kind.removesuffix("_rows")], count or 0)
    return metric


def _successes(rows: list[dict[str, Any]]) -> Metric:
    metric = _gauge("pipeline_last_success_timestamp_seconds", "When it last succeeded", "pipeline")
    for row in rows:
        if row["last_success"]:
            metric.add_metric([row["pipeline"]], row["last_success"].timestamp())
    return metric


def _rejects(settings: Settings, rows: list[dict[str, Any]]) -> Metric:
    metric = _gauge("open_rejects", "Rejected rows that nobody has dealt with", "reason")
    # Rules that the contract had once, or under other settings, are in the table as well.
    known = dict.fromkeys((*(rule.id for rule in raw_rules(settings.crypto)), DUPLICATE, OTHER), 0)
    for row in rows:
        known[row["reason"] if row["reason"] in known else OTHER] += row["rows"]
    for reason, count in known.items():
        metric.add_metric([reason], count)
    return metric


def _outcomes(rows: list[dict[str, Any]]) -> Iterator[Metric]:
    auc = _gauge("roc_auc", "ROC AUC of the latest scores, realized or estimated", "kind", "among")
    worse = _gauge("model_worse", "Whether that asks for a training", "kind", "among")
    for row in rows:
        if row["roc_auc"] is not None:
            auc.add_metric([row["kind"], row["among"]], row["roc_auc"])
        worse.add_metric([row["kind"], row["among"]], row["worse"])
    yield auc
    yield worse


def _value(name: str, what: str, value: float) -> Metric:
    metric = _gauge(name, what)
    metric.add_metric([], float(value))
    return metric
