"""What must have happened and has not: one list, for `kpi check` and for the metrics.

Each check yields what it found, well or not. None of them needs a worker, or anything else that it
asks about.
"""

import os
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from flows.churn.sources.contract import SOURCE_FILES
from flows.errors import KpiError, count_of
from flows.observed.prefect import PREFECT_FAULTS, prefect_api
from flows.platform.deployments.declared import WORK_POOL
from flows.platform.pipeline.unexpected import kind_and_place
from flows.platform.warehouse.connection import Connection, execute, fetch_one, transaction
from flows.platform.warehouse.errors import warehouse_errors
from flows.settings import Settings

DAILY = ("crypto_events", "churn_watchdog", "retention")
WEEKLY = ("churn_scoring", "churn_drift_monitor")
# Of flows/observed/flow.py, which only flow runs import.
CHECK_FLOW = "check"

_TIMEOUT_SECONDS = 10
_HTTPS = 443


@dataclass(frozen=True)
class Found:
    """What a check found about a subject; `text` says it, and what to do when it is not well."""

    check: str
    subject: str
    ok: bool
    text: str


def pipelines(settings: Settings, now: datetime) -> Iterator[Found]:
    """Each pipeline with a rhythm has succeeded within it."""
    with warehouse_tables(settings) as connection:
        rows = execute(connection, "operations/last_successes.sql").fetchall()
    last = {row["pipeline"]: row["last_success"] for row in rows}
    check = settings.check
    rhythm = {
        **dict.fromkeys(DAILY, check.daily_hours),
        **dict.fromkeys(WEEKLY, check.weekly_hours),
    }
    for name in (*rhythm, *(name for name in check.pipelines if name not in rhythm)):
        at = last.get(name)
        if at is None:
            if name in check.pipelines:
                text = f"{name} has never succeeded: start it, and look at its log."
                yield Found("pipelines", name, False, text)
            continue
        most = rhythm.get(name)
        hours = _hours(now, at)
        late = most is not None and hours > most
        text = f"{name}: the last success is of {at.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}"
        if late:
            text += f", more than {most:g} hours ago: look at its last run, and at its schedule."
        yield Found("pipelines", name, not late, text)


def deliveries(settings: Settings, now: datetime) -> Iterator[Found]:
    """Somebody has delivered crypto events, and each of the five churn files anew."""
    due = (settings.check.delivery_hours, settings.check.churn_delivery_hours)
    if due == (None, None):
        return
    with warehouse_tables(settings) as connection:
        crypto = fetch_one(connection, "operations/last_delivery.sql")["last_delivery"]
        rows = execute(connection, "operations/last_churn_files.sql").fetchall()
    if settings.check.delivery_hours is not None:
        yield _delivery(settings, now, "crypto_events", crypto, settings.check.delivery_hours)
    churn = {row["name"]: row["delivered_at"] for row in rows}
    if settings.check.churn_delivery_hours is not None:
        for file in SOURCE_FILES:
            at = churn.get(file.name)
            yield _delivery(settings, now, file.name, at, settings.check.churn_delivery_hours)


def _delivery(
    settings: Settings, now: datetime, what: str, at: datetime | None, most: float
) -> Found:
    late = at is None or _hours(now, at) > most
    when = f"of {at.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}" if at else "not known"
    name = "crypto events" if what == "crypto_events" else f"{what}.csv"
    text = f"the last delivery of {name} is {when}"
    if late:
        text += f", and one is due every {most:g} hours: ask who delivers."
    return Found("deliveries", what, not late, text)


def forgettings(settings: Settings, now: datetime) -> Iterator[Found]:
    """Whoever is to be forgotten is, in every place."""
    with warehouse_tables(settings) as connection:
        unfinished = fetch_one(connection, "operations/open_forgettings.sql")
    since = unfinished["since"]
    late = since is not None and _hours(now, since) > settings.check.forgetting_hours
    text = "no forgetting of a person is unfinished"
    if since is not None:
        text = (
            f"{count_of(unfinished['lines'], 'forgetting')} of a person unfinished, the oldest "
            f"of {since.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}"
        )
    if late:
        text += ": run kpi forget --again, which says what could not be searched."
    yield Found("forgettings", "people", not late, text)


def backup(settings: Settings, now: datetime) -> Iterator[Found]:
    """The last whole backup is not stale."""
    file = settings.check.backup_file
    if file is None:
        return
    try:
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        text = f"no backup has ever ended well, for there is no {file}: look at the backup's log."
        yield Found("backup", "backup", False, text)
        return
    late = _hours(now, at) > settings.check.backup_hours
    text = f"the last backup is of {at.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}"
    if late:
        text += f", more than {settings.check.backup_hours:g} hours ago: look at the backup's log."
    yield Found("backup", "backup", not late, text)


def disk(settings: Settings, now: datetime) -> Iterator[Found]:
    """There is room where runs write."""
    existing = next(one for one in (settings.home, *settings.home.parents) if one.exists())
    usage = shutil.disk_usage(existing)
    share, least = usage.free / usage.total, settings.check.disk_free_share
    text = f"{share:.0%} of the disk of {existing} is free ({usage.free / 1e9:.1f} GB)"
    if share < least:
        text += f", less than {least:.0%}: make room before runs end for want of it."
    yield Found("disk", "home", share >= least, text)


def worker(settings: Settings, now: datetime) -> Iterator[Found]:
    """As many Prefect workers as there are to be were heard of lately."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return
    try:
        with prefect_api(address, _TIMEOUT_SECONDS) as api:
            answer = api.post(f"/work_pools/{WORK_POOL}/workers/filter", json={})
        answer.raise_for_status()
        heard = [datetime.fromisoformat(one["last_heartbeat_time"]) for one in answer.json()]
    except PREFECT_FAULTS as error:
        text = (
            f"Prefect does not say how its workers are ({type(error).__name__}): start its "
            "server, or correct PREFECT_API_URL."
        )
        yield Found("worker", "prefect", False, text)
        return
    most, expected = settings.check.worker_seconds, max(1, settings.check.workers)
    lately = sum((now - at).total_seconds() <= most for at in heard)
    last = max(heard, default=None)
    if lately >= expected:
        yield Found("worker", "prefect", True, f"{count_of(lately, 'Prefect worker')} heard of")
    elif lately:
        text = f"{lately} of {expected} Prefect workers heard of: start the others, or look at "
        yield Found("worker", "prefect", False, f"{text}their logs.")
    else:
        since = f"since {last.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}" if last else "ever"
        text = f"no Prefect worker was heard of {since}: start one, or look at its log."
        yield Found("worker", "prefect", False, text)


def certificate(settings: Settings, now: datetime) -> Iterator[Found]:
    """The certificate that people meet does not end soon."""
    asked = settings.check.certificate
    if not asked:
        return
    host, _, port = asked.partition(":")
    try:
        with (
            socket.create_connection((host, int(port or _HTTPS)), _TIMEOUT_SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            ends = ssl.cert_time_to_seconds(str((secured.getpeercert() or {})["notAfter"]))
    except (OSError, KeyError, ValueError) as error:
        why = getattr(error, "verify_message", None) or type(error).__name__
        text = f"{asked} shows no valid certificate ({why}): renew it, or start the proxy."
        yield Found("certificate", asked, False, text)
        return
    days = (ends - now.timestamp()) / 86400
    soon = days < settings.check.certificate_days
    text = f"the certificate of {asked} is valid for another {days:.0f} days"
    if soon:
        text += ": renew it, and look at why that did not happen by itself."
    yield Found("certificate", asked, not soon, text)


Check = Callable[[Settings, datetime], Iterator[Found]]
CHECKS: tuple[Check, ...] = (
    pipelines,
    deliveries,
    forgettings,
    backup,
    disk,
    worker,
    certificate,
)


def look(settings: Settings, now: datetime | None = None) -> list[Found]:
    """Return what every check finds; one that cannot look has found something, too."""
    return [found for check in CHECKS for found in found_by(check, settings, now)]


def found_by(check: Check, settings: Settings, now: datetime | None = None) -> list[Found]:
    """Return what one check finds, or why it could not look; nothing where it is not set."""
    try:
        return list(check(settings, now or datetime.now(UTC)))
    except KpiError as error:
        return [Found(check.__name__, "warehouse", False, str(error))]
    except Exception as error:  # whatever it is, the other checks look
        text = f"the check {check.__name__} is broken: {kind_and_place(error)}."
        return [Found(check.__name__, check.__name__, False, text)]


def _hours(now: datetime, at: datetime) -> float:
    return (now - at).total_seconds() / 3600


@contextmanager
def warehouse_tables(settings: Settings) -> Iterator[Connection]:
    """Yield a connection; raise KpiError when there is no warehouse, or it lacks our tables."""
    with warehouse_errors():
        try:
            with transaction(settings, "check") as connection:
                yield connection
        except psycopg.errors.UndefinedTable as error:
            raise KpiError(
                "The warehouse lacks tables of ours: nothing has run since it was made or "
                "upgraded. Start a run."
            ) from error
