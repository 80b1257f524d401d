"""Steps 3 and 4: Great Expectations validates the window, then the candidate.

A failed suite writes the bad rows to dqm.bt_crypto_events_rejects. Under policy `abort` it
stops the run. Under `quarantine` the bad rows stay out and the rest goes on, unless too many
are bad; the rest must pass suite_staging_candidate in any case.
"""

import logging
from dataclasses import asdict, dataclass

from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from flows.crypto_events.calendar import contract_days
from flows.crypto_events.contract import (
    CANDIDATE_SUITE,
    CHECKPOINT,
    DUPLICATE,
    RAW_SUITE,
    raw_rules,
)
from flows.crypto_events.key import Key
from flows.crypto_events.run import WindowRun
from flows.crypto_events.staging.build_events_candidate import build_again_if_refused
from flows.crypto_events.staging.duplicates import find_duplicates
from flows.crypto_events.staging.staged_run import staged_run
from flows.crypto_events.suites import (
    WINDOW_IS_EMPTY,
    delivery_checks,
    raw_history_checks,
    staging_candidate_checks,
)
from flows.crypto_events.validation.coverage import (
    Coverage,
    coverage_of_candidate,
    coverage_of_raw_rows,
)
from flows.crypto_events.validation.delivery import judge_delivery
from flows.errors import DataRejected, KpiError, a_few, count_of
from flows.platform.quality.great_expectations import CheckResult, build_data_docs, run_suite
from flows.platform.warehouse.connection import Connection, execute, fetch_one, transaction
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings

logger = logging.getLogger(__name__)

_REASONS_NAMED = 4  # in a sentence; the tables have them all


@dataclass(frozen=True)
class Validation:
    """The verdict of one suite; `reasons` counts the rows rejected by each rule."""

    suite: str
    success: bool
    rows: int
    checks: tuple[CheckResult, ...]
    reasons: dict[str, int]


def ge_validate_raw(settings: Settings, run: WindowRun) -> Validation:
    """Run suite_raw_history over the staged window and write the verdict to dqm.dq_runs.

    Bad rows go to dqm.bt_crypto_events_rejects. A window that the suite refused before is rebuilt
    first, from the current raw rows. Raises DataRejected when the window is empty, when rows are
    bad under policy abort, when too many are bad under policy quarantine, or when the delivery as a
    whole breaks a rule and was not accepted; StageLost when the staged window is not this run's.
    """
    build_again_if_refused(settings, run, RAW_SUITE)
    with transaction(settings, "ge_validate_raw") as connection:
        staged = staged_run(connection, run)
        rows = staged["raw_rows"] - staged["dismissed_rows"]
        coverage = coverage_of_raw_rows(connection)
        checks = run_suite(
            settings,
            suite=RAW_SUITE,
            checkpoint=CHECKPOINT,
            table="staging.bt_crypto_events_raw_window",
            run_id=run.run_id,
            checks=[
                *raw_history_checks(settings.crypto, coverage),
                *delivery_checks(settings.crypto, run),
            ],
        )
        reasons = count_reasons(connection) if staged["rejected_rows"] else {}
        _check_agreement(settings, checks, reasons)
        if reasons:
            execute(connection, "crypto_events/validation/record_rejects.sql", asdict(run))
        delivery = judge_delivery(connection, settings.crypto, run, checks)
        binding = _without_warnings(settings.crypto, delivery.of_rows)
        refusal = _refusal(settings.crypto, run, binding, reasons, staged) or delivery.refusal
        success = _success([*binding, *delivery.binding], refusal)
        validation = Validation(RAW_SUITE, success, rows, tuple(checks), reasons)
        _record(connection, run, validation, coverage, refusal)
    return _verdict(settings, validation, refusal)


def ge_validate_candidate(settings: Settings, run: WindowRun) -> Validation:
    """Run suite_staging_candidate over the candidate and write the verdict to dqm.dq_runs.

    Conflicting rows (one key, different price or units) go to dqm.bt_crypto_events_rejects. A
    window that the suite refused before is first rebuilt and validated by suite_raw_history.
    Raises DataRejected when any check fails, under either policy; StageLost when the staged window
    is not this run's.
    """
    if build_again_if_refused(settings, run, CANDIDATE_SUITE):
        ge_validate_raw(settings, run)
    with transaction(settings, "ge_validate_candidate") as connection:
        staged = staged_run(connection, run)
        coverage = coverage_of_candidate(connection)
        checks = run_suite(
            settings,
            suite=CANDIDATE_SUITE,
            checkpoint=CHECKPOINT,
            table="staging.bt_crypto_events_candidate",
            run_id=run.run_id,
            checks=staging_candidate_checks(settings.crypto, coverage),
        )
        failed = [check for check in checks if not check.success]
        reasons = {}
        refusal = None
        if failed:
            reasons = _record_conflicts(connection, settings.crypto, run)
            refusal = _candidate_refusal(failed, reasons)
        rows = staged["candidate_rows"]
        success = _success(checks, refusal)
        validation = Validation(CANDIDATE_SUITE, success, rows, tuple(checks), reasons)
        _record(connection, run, validation, coverage, refusal)
    return _verdict(settings, validation, refusal)


def _without_warnings(crypto: CryptoSettings, checks: list[CheckResult]) -> list[CheckResult]:
    """Return the checks that count, and log the others that failed."""
    warns = {rule.id for rule in raw_rules(crypto) if rule.severity == "warn"}
    for check in checks:
        if check.id in warns and not check.success:
            logger.warning(
                "%s: this should hold, and does not for %s. They pass: it is a warning.",
                check.description,
                count_of(check.unexpected_rows or 0, "row"),
            )
    return [check for check in checks if check.id not in warns]


def count_reasons(connection: Connection) -> dict[str, int]:
    """Return how many staged rows break each rule, most frequent first."""
    rows = execute(connection, "crypto_events/validation/count_reasons.sql")
    return {row["reason"]: row["rows"] for row in rows}


def _record_conflicts(
    connection: Connection, crypto: CryptoSettings, run: WindowRun
) -> dict[str, int]:
    find_duplicates(connection, Key.of(crypto))
    execute(
        connection,
        "crypto_events/validation/record_conflicts.sql",
        asdict(run),
        reason=sql.Literal(DUPLICATE),
    )
    conflicts = int(fetch_one(connection, "crypto_events/validation/count_conflicts.sql")["rows"])
    return {DUPLICATE: conflicts} if conflicts else {}


def _check_agreement(
    settings: Settings, checks: list[CheckResult], reasons: dict[str, int]
) -> None:
    """Raise KpiError when Great Expectations and the SQL disagree: both read the same contract."""
    rules = {rule.id for rule in raw_rules(settings.crypto) if rule.severity == "error"}
    by_suite = {check.id for check in checks if not check.success} & rules
    by_sql = set(reasons) & rules
    if by_suite != by_sql:
        raise KpiError(
            f"{RAW_SUITE} and the SQL disagree on {', '.join(sorted(by_suite ^ by_sql))}. "
            "Nothing was published; please report this."
        )


def _refusal(
    crypto: CryptoSettings,
    run: WindowRun,
    checks: list[CheckResult],
    reasons: dict[str, int],
    staged: DictRow,
) -> str | None:
    """Return the sentence that stops the run, or None."""
    if any(check.id == WINDOW_IS_EMPTY and not check.success for check in checks):
        if not contract_days(crypto, run.days):
            return (
                f"No day of {run} counts as a real date: KPI_CRYPTO__FIRST_YEAR is "
                f"{crypto.first_year}, KPI_CRYPTO__LAST_YEAR {crypto.last_year}, and "
                "KPI_CRYPTO__PLACEHOLDER_DATES are left out. Nothing is published."
            )
        return f"No raw row belongs to {run}: nothing was delivered, nothing is published."
    if all(check.success for check in checks) and not reasons:
        return None
    bad, rows = staged["rejected_rows"], staged["raw_rows"] - staged["dismissed_rows"]
    found = f"{bad:,} of {rows:,} raw rows of {run} break the contract ({_list(reasons)})"
    if run.policy == "abort":
        return (
            f"{found}. Nothing was published. See them with `kpi rejects`; "
            "fix, dismiss or quarantine them, then run again."
        )
    if bad > rows * run.max_reject_share:
        return (
            f"{found}: more than max_reject_share = {run.max_reject_share:.1%} allows. "
            "Nothing was published. See them with `kpi rejects`."
        )
    return None


def _candidate_refusal(failed: list[CheckResult], reasons: dict[str, int]) -> str:
    broken = "; ".join(check.description for check in failed)
    rows = f" ({_list(reasons)})" if reasons else ""
    return (
        f"The candidate breaks its contract: this must hold: {broken}{rows}. "
        "Nothing was published. See the rows with `kpi rejects`; "
        "fix, dismiss or quarantine them, then run again."
    )


def _list(reasons: dict[str, int]) -> str:
    return a_few([f"{reason}: {rows:,}" for reason, rows in reasons.items()], _REASONS_NAMED)


def _success(checks: list[CheckResult], refusal: str | None) -> bool:
    # Under quarantine, too many conflicts stop a run although every check holds for the rest.
    return refusal is None and all(check.success for check in checks)


def _record(
    connection: Connection,
    run: WindowRun,
    validation: Validation,
    coverage: Coverage,
    refusal: str | None,
) -> None:
    failed = sum(not check.success for check in validation.checks)
    execute(
        connection,
        "crypto_events/validation/record_verdict.sql",
        {
            "run_id": run.run_id,
            "suite": validation.suite,
            "success": validation.success,
            "tolerated": failed > 0 and refusal is None,
            "expectations": len(validation.checks),
            "failed_expectations": failed,
            "results": Jsonb([asdict(check) for check in validation.checks]),
            **asdict(coverage),
        },
    )


def _verdict(settings: Settings, validation: Validation, refusal: str | None) -> Validation:
    if refusal is None:
        return validation
    cause = None
    try:
        build_data_docs(settings)
    except KpiError as error:
        # Missing Data Docs must not hide why the data was rejected.
        refusal, cause = f"{refusal} Its Data Docs are missing: {error}", error
    rejected = DataRejected(refusal)
    rejected.found = validation
    raise rejected from cause
