"""Judge each raw row once: read and parse its cells, find the rules that it breaks, keep that.

raw.bt_crypto_judged is a cache. For every day of raw.bt_crypto_judged_days it holds each raw row
that belongs to that day, but for those that triggers on the raw table noted since: rows that
arrived (raw.bt_crypto_arrivals) and rows that were deleted or changed (raw.bt_crypto_departures).
All of it is void under another contract, and may be emptied at any time, but never the rows alone:
a crash of the server empties rows and days, since neither table is logged.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from flows.crypto_events.calendar import contract_days, date_forms
from flows.crypto_events.contract import Rule, broken_rules, every_rule_holds, raw_rules
from flows.crypto_events.key import Key
from flows.crypto_events.rule_sql import (
    check_that_rules_run,
    contents_of_reference,
    told_which_rule_fails,
)
from flows.crypto_events.run import WindowRun, arrival_bounds
from flows.crypto_events.staging.functions import definitions, restore_functions, without_blanks
from flows.crypto_events.staging.indexes import indexes_built_anew
from flows.crypto_events.suites import raw_history_checks, staging_candidate_checks
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, Parameters, execute, fetch_one
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings
from flows.sql_files import read_sql

_JUDGE = "crypto_events/staging/judging/judge.sql"


def judge_window(connection: Connection, settings: Settings, run: WindowRun) -> None:
    """Judge the raw rows of the run's window that are not judged yet, or all, if the run is full.

    The caller holds the stage lock, and dqm.calendar is filled for the settings. Raises KpiError
    when the run verifies what was kept, and it differs from what judging anew gives.
    """
    if run.full:
        restore_functions(connection)
    contract = _Contract.of(settings, window_dates(settings.crypto, run.days))
    if run.verify:
        _judge_what_came(connection, settings, contract, run)
        _run(connection, "keep_for_comparison", of_window=of_window(run))
        _judge_what_came(connection, settings, contract, run, forget_all=True, verifies=True)
        _check_kept(connection, run)
    else:
        _judge_what_came(connection, settings, contract, run, forget_all=run.full)


def judge_own_rows(connection: Connection, settings: Settings) -> None:
    """Judge the raw rows that the caller's transaction has stored, whichever days they are of.

    dqm.calendar is filled for the settings. For transactions that are rolled back: that these rows
    are judged is noted nowhere else.
    """
    contract = _Contract.of(settings, sql.Literal([]))
    _judge(
        connection,
        contract,
        lambda by: connection.execute(by.judge(_not_judged(_part("own_rows")), sql.SQL("true"))),
    )


def of_window(run: WindowRun) -> sql.Composable:
    """Return SQL that is true for a judged row that belongs to the run's window."""
    return _part(
        "of_window", window_start=sql.Literal(run.window_start), as_of=sql.Literal(run.as_of)
    )


def window_dates(crypto: CryptoSettings, days: list[date]) -> sql.Literal:
    """Return every text that means one of the days."""
    return sql.Literal(
        [
            form
            for day in contract_days(crypto, days)
            for form in date_forms(crypto.date_format, day)
        ]
    )


@dataclass(frozen=True)
class _Contract:
    """What decides how a row is judged, or published. `window_dates` only make that faster."""

    rules: dict[str, sql.Composable]
    calendar: tuple[object, ...]
    suites: list[tuple[object, ...]]
    window_dates: sql.Literal
    path: Path
    declared: list[Rule]
    key: Key

    @classmethod
    def of(cls, settings: Settings, dates: sql.Literal) -> "_Contract":
        crypto = settings.crypto
        rules = raw_rules(crypto)
        return cls(
            {
                **_conditions(rules),
                "number_max_length": sql.Literal(crypto.number_max_length),
                "time_zone": sql.Literal(settings.time_zone),
                "sites": sql.Literal(without_blanks(crypto.sites)),
                "crypto_types": sql.Literal(without_blanks(crypto.crypto_types)),
            },
            (
                crypto.date_format,
                crypto.first_year,
                crypto.last_year,
                sorted(set(crypto.placeholder_dates)),
            ),
            [
                (check.id, check.kind, check.arguments)
                for check in (*raw_history_checks(crypto), *staging_candidate_checks(crypto))
            ],
            dates,
            crypto.contract,
            rules,
            Key.of(crypto),
        )

    def of_rules(self, rules: list[Rule]) -> "_Contract":
        """Return a contract that has these rules alone."""
        return replace(self, rules=self.rules | _conditions(rules))

    def judge(
        self, unjudged: sql.Composable, needed: sql.Composable, *, in_order: bool = True
    ) -> sql.Composed:
        """Return the SQL that judges rows which are `unjudged`, and keeps those that are `needed`.

        Both are conditions: of a raw row, and of what it says. The order only saves room in
        indexes that are there.
        """
        return sql.SQL(read_sql(_JUDGE)).format(
            unjudged=sql.SQL("({})").format(unjudged),
            needed=needed,
            window_dates=self.window_dates,
            in_order=_part("in_order_of_index") if in_order else sql.SQL(""),
            **self.rules,
        )

    def fingerprint(self, connection: Connection) -> str:
        """Return the SHA-256 of all that decides: rules, key, settings, suites, SQL, its functions.

        Raises KpiError when a function is missing.
        """
        parts = [
            read_sql(_JUDGE),
            repr(self.calendar),
            repr(self.suites),
            repr(self.key),
            *(part.as_string(connection) for part in self.rules.values()),
            definitions(connection),
            *(contents_of_reference(connection, self.path, rule) for rule in self.declared),
        ]
        return sha256("\0".join(parts).encode()).hexdigest()


def _conditions(rules: list[Rule]) -> dict[str, sql.Composable]:
    return {"every_rule_holds": every_rule_holds(rules), "broken_rules": broken_rules(rules)}


def _judge_what_came(
    connection: Connection,
    settings: Settings,
    contract: _Contract,
    run: WindowRun,
    *,
    forget_all: bool = False,
    verifies: bool = False,
) -> None:
    nothing_left = _forget(connection, contract, forget_all=forget_all)
    window = {"window_start": run.window_start, "as_of": run.as_of}
    judged = {row["day"] for row in _run(connection, "judged_days", window)}
    if days := [day for day in run.days if day not in judged]:
        with indexes_built_anew(connection) if nothing_left else nullcontext():
            _judge_days(
                connection, settings, contract, days, verifies=verifies, into_empty=nothing_left
            )
    _judge_arrivals(connection, settings, contract, run)


def _forget(connection: Connection, contract: _Contract, *, forget_all: bool) -> bool:
    """Forget what does not hold any more; return whether that was everything."""
    fingerprint = {"fingerprint": contract.fingerprint(connection)}
    void = fetch_one(connection, "crypto_events/staging/judging/must_forget_all.sql", fingerprint)[
        "must_forget"
    ]
    if void:
        check_that_rules_run(connection, contract.path, contract.declared)
    if not (forget_all or void):
        _run(connection, "forget_departed")
        return False
    _run(connection, "forget_rows")
    _run(connection, "forget_log")
    _run(connection, "remember_contract", fingerprint)
    return True


def _check_kept(connection: Connection, run: WindowRun) -> None:
    different = _run(connection, "first_difference", of_window=of_window(run)).fetchone()
    if different:
        raise KpiError(
            f"What was judged before is not what judging anew gives, first for {different['day']}: "
            f"{different['missing_rows']} rows were missing, {different['left_over_rows']} left "
            f"over, {different['changed_rows']} different. Nothing was published; "
            "`kpi run --full` mends it."
        )


def _judge_days(
    connection: Connection,
    settings: Settings,
    contract: _Contract,
    days: list[date],
    *,
    verifies: bool,
    into_empty: bool,
) -> None:
    arrived_from, arrived_before = arrival_bounds(settings, days[0], days[-1])
    unjudged = _part(
        "rows_of_days",
        dates=window_dates(settings.crypto, days),
        arrived_from=sql.Literal(arrived_from),
        arrived_before=sql.Literal(arrived_before),
    )
    if not into_empty:
        unjudged = _not_judged(unjudged)
    needed = _part("needed_for_days", days=sql.Literal(days))
    _judge(
        connection,
        contract,
        lambda by: connection.execute(by.judge(unjudged, needed, in_order=not into_empty)),
    )
    judged = {"days": days, "arrived_from": arrived_from, "arrived_before": arrived_before}
    _run(connection, "drop_judged_arrivals", judged)
    _run(connection, "remember_days", judged)
    _run(connection, "touch_days", {"days": days, "verifies": verifies})
    execute(connection, "crypto_events/staging/counts/count_judged_days.sql", {"days": days})


def _judge_arrivals(
    connection: Connection, settings: Settings, contract: _Contract, run: WindowRun
) -> None:
    arrived_from, arrived_before = run.arrival_bounds(settings)
    picked: dict[str, date | datetime | str] = {
        "window_start": run.window_start,
        "as_of": run.as_of,
        "arrived_from": arrived_from,
        "arrived_before": arrived_before,
        "time_zone": settings.time_zone,
    }
    _run(connection, "drop_unjudged")
    _run(connection, "create_unjudged")
    if _run(connection, "pick_arrivals", picked).rowcount:
        _run(connection, "analyze_unjudged")
        arrived = _part("rows_that_arrived")
        _judge(
            connection,
            contract,
            lambda by: _run(connection, "judge_arrived", judge=by.judge(arrived, sql.SQL("true"))),
        )


def _judge(
    connection: Connection, contract: _Contract, judge: Callable[[_Contract], object]
) -> None:
    """Judge by the contract; BadContract names the rule that fails on a value."""
    with told_which_rule_fails(
        connection, contract.path, contract.declared, lambda rules: judge(contract.of_rules(rules))
    ):
        judge(contract)


def _run(
    connection: Connection,
    name: str,
    parameters: Parameters | None = None,
    **parts: sql.Composable,
) -> psycopg.Cursor[DictRow]:
    return execute(connection, f"crypto_events/staging/judging/{name}.sql", parameters, **parts)


def _not_judged(rows: sql.Composable) -> sql.Composable:
    return sql.SQL("({}) AND ({})").format(rows, _part("not_judged_yet"))


def _part(name: str, **parts: sql.Composable) -> sql.Composable:
    return sql.SQL(read_sql(f"crypto_events/staging/judging/{name}.sql")).format(**parts)
