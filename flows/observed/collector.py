"""The metrics: what Prometheus reads when it asks, names and labels bounded.

A label has the names of pipelines, rules, checks or kinds of rows, which the code declares: never
what was delivered, a user, a run or a host. What is not among them counts as `other`.
"""

import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.crypto_events.contract import DUPLICATE, raw_rules
from flows.crypto_events.pipeline import PIPELINE
from flows.errors import KpiError
from flows.observed.checks import CHECKS, look, warehouse_tables
from flows.observed.prefect import prefect_counts
from flows.platform.warehouse.connection import execute, fetch_one
from flows.retention.pipeline import PIPELINE as RETENTION
from flows.settings import Settings

logger = logging.getLogger(__name__)

OTHER = "other"
_KEPT_SECONDS = 10.0
_NAMES = {one.name for one in (PIPELINE, TRAINING, SCORING, DRIFT_MONITOR, WATCHDOG, RETENTION)}


class Platform(Collector):
    """Looks at the platform, at most once in ten seconds however often it is asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: list[Metric] = []
        self._until = 0.0
        self._alone = Lock()
        self._told = ""

    def describe(self) -> list[Metric]:
        """Return nothing: registering must not look."""
        return []

    def collect(self) -> list[Metric]:
        """Return every metric; those of a server that is away are left out."""
        with self._alone:
            if monotonic() >= self._until:
                self._kept = list(self._look())
                self._until = monotonic() + _KEPT_SECONDS
            return self._kept

    def _look(self) -> Iterator[Metric]:
        yield from _of_the_disk(self._settings)
        yield _of_the_checks(self._settings)
        yield from prefect_counts()
        answers = _gauge("warehouse_up", "Whether the warehouse answers, with tables of ours")
        try:
            # Whole, before any of it is told.
            found = list(_of_the_warehouse(self._settings))
            self._told = ""
        except KpiError as error:
            found = []
            if str(error) != self._told:
                logger.warning("%s", error)
            self._told = str(error)
        answers.add_metric([], bool(found))
        yield answers
        yield from found


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


def _of_the_checks(settings: Settings) -> Metric:
    metric = _gauge("check_ok", "Whether all that kpi check looks at is well", "check")
    bad = {found.check for found in look(settings) if not found.ok}
    for check in CHECKS:
        metric.add_metric([check.__name__], check.__name__ not in bad)
    return metric


def _of_the_warehouse(settings: Settings) -> Iterator[Metric]:
    with warehouse_tables(settings) as connection:
        successes = execute(connection, "operations/last_successes.sql").fetchall()
        run = execute(connection, "operations/last_run.sql").fetchone()
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
        rows = _gauge("run_rows", "Rows of the last published run of crypto events", "kind")
        for kind, count in run.items():
            rows.add_metric([kind.removesuffix("_rows")], count or 0)
        yield rows
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
