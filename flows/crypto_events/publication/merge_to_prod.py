"""Publish the validated candidate into prod.bt_crypto_events, in one transaction."""

from dataclasses import asdict, dataclass

from psycopg import sql

from flows.crypto_events.contract import CANDIDATE_SUITE, DUPLICATE, RAW_SUITE
from flows.crypto_events.delivery_rules import last_closed_day
from flows.crypto_events.key import Key, all_of, columns, listed
from flows.crypto_events.publication.partitions import (
    add_partitions,
    months_apart,
    months_of,
    nothing_is_published,
    of_month,
)
from flows.crypto_events.run import WindowRun
from flows.crypto_events.stage_lock import lock_stage
from flows.crypto_events.staging.keys import whole_days
from flows.crypto_events.staging.published_key import check_published_key
from flows.crypto_events.staging.staged_run import staged_run
from flows.errors import KpiError, PublicationRefused
from flows.platform.warehouse.connection import (
    Connection,
    execute,
    fetch_one,
    transaction,
)
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings


@dataclass(frozen=True)
class Publication:
    """Rows of prod.bt_crypto_events in the window, by what happened to them.

    `protected` rows are missing from the candidate but stay live: their key was rejected, their
    day was not delivered, or raw rows of it were pruned.
    """

    inserted: int
    updated: int
    reactivated: int
    deactivated: int
    unchanged: int
    protected: int


def merge_to_prod(settings: Settings, run: WindowRun) -> Publication:
    """Insert, update, reactivate and deactivate rows; all or nothing.

    Raises PublicationRefused when the window was not validated or too many rows would be
    deactivated, StageLost when the staged window is not this run's, PipelineBusy when another run
    is staging or publishing.
    """
    with transaction(settings, "merge_to_prod") as connection:
        lock_stage(connection)
        key = Key.of(settings.crypto)
        check_published_key(connection, key)
        staged = staged_run(connection, run)
        _check_validated(connection, run)
        publication = compare(connection, settings, run, staged["candidate_rows"])
        _check_deactivations(connection, settings, run, publication)
        days = _apply(connection, run, key, publication)
        _settle(connection, run, days)
        execute(
            connection,
            "crypto_events/publication/record_delivered.sql",
            {
                "run_id": run.run_id,
                "window_start": run.window_start,
                "last_closed_day": last_closed_day(settings.crypto, run),
            },
        )
        execute(connection, "crypto_events/publication/resolve_rejects.sql", {"run_id": run.run_id})
        execute(connection, "crypto_events/publication/forget_superseded.sql")
        if staged["superseded_rows"]:
            execute(
                connection,
                "crypto_events/publication/record_superseded.sql",
                {"run_id": run.run_id},
            )
        execute(
            connection,
            "crypto_events/publication/record_publication.sql",
            {"run_id": run.run_id, **asdict(publication)},
        )
    return publication


def compare(
    connection: Connection, settings: Settings, run: WindowRun, candidate_rows: int
) -> Publication:
    """Make the temporary table or view `delta` of the changes to publish, and count them.

    Raises KpiError when the run verifies, and a change is none that an unverified run would make.
    """
    key = Key.of(settings.crypto)
    execute(connection, "crypto_events/publication/plan_for_merge.sql")
    if nothing_is_published(connection, run.days) and not run.verify:
        execute(connection, "crypto_events/publication/all_is_new.sql")
    else:
        _compare_with_prod(connection, key, run)
    counts = fetch_one(connection, "crypto_events/publication/count_operations.sql")
    if run.verify or any(rows for name, rows in counts.items() if name != "inserted"):
        # Of rows that are only inserted, the statistics would help nobody.
        execute(connection, "crypto_events/publication/analyze_delta.sql")
    if run.verify:
        _check_published(connection)
    execute(connection, "crypto_events/publication/create_kept_live.sql")
    protected = _protect(connection, settings.crypto, key) if counts["deactivated"] else 0
    counts["deactivated"] -= protected
    changed = counts["inserted"] + counts["updated"] + counts["reactivated"]
    return Publication(**counts, unchanged=candidate_rows - changed, protected=protected)


def _compare_with_prod(connection: Connection, key: Key, run: WindowRun) -> None:
    execute(
        connection,
        "crypto_events/publication/compare_with_prod.sql",
        None,
        **_window(run),
        key=listed("coalesce(candidate.{0}, live.{0}) AS {0}", key.ordered),
        values=columns([*key.values, "purchase_value"], "candidate"),
        same_key=all_of("live.{0} = candidate.{0}", key.ordered),
        same_values=all_of("live.{0} = candidate.{0}", key.values),
        whole_days=sql.Literal(whole_days(connection)),
    )


def _check_published(connection: Connection) -> None:
    wrong = execute(connection, "crypto_events/publication/first_unexpected.sql").fetchone()
    if wrong:
        raise KpiError(
            f"What is published of {wrong['day']} is not what its raw rows say, although nothing "
            f"touched them since: {wrong['rows']:,} rows differ. Nothing was published; "
            "`kpi run --full` mends it."
        )


def _protect(connection: Connection, crypto: CryptoSettings, key: Key) -> int:
    """Keep missing rows live where nobody says that they vanished.

    Their key was rejected, their day was not delivered, or its raw rows were pruned.
    """
    return (
        execute(
            connection,
            "crypto_events/publication/protect_rejected_keys.sql",
            could_be=_could_be(crypto, key),
        ).rowcount
        + execute(connection, "crypto_events/publication/protect_undelivered_days.sql").rowcount
        + execute(connection, "crypto_events/publication/protect_pruned_days.sql").rowcount
    )


def _could_be(crypto: CryptoSettings, key: Key) -> sql.Composable:
    """Return SQL that is true when a rejected row may have the key of a row that would go."""
    known = {"site_id": crypto.sites, "crypto_type": crypto.crypto_types}
    parts: list[sql.Composable] = [
        sql.SQL("(rejected.{0} = delta.{0} OR rejected.{0} = ANY({1}) IS NOT TRUE)").format(
            sql.Identifier(name), sql.Literal(list(values))
        )
        for name, values in known.items()
        if name in key.columns
    ]
    return sql.SQL("\n      AND ").join(parts or [sql.SQL("true")])


def _window(run: WindowRun) -> dict[str, sql.Composable]:
    return {"window_start": sql.Literal(run.window_start), "as_of": sql.Literal(run.as_of)}


def _check_validated(connection: Connection, run: WindowRun) -> None:
    verdicts = {
        row["suite"]: row
        for row in execute(
            connection, "crypto_events/validation/verdicts.sql", {"run_id": run.run_id}
        )
    }
    for suite, step in ((RAW_SUITE, "ge_validate_raw"), (CANDIDATE_SUITE, "ge_validate_candidate")):
        verdict = verdicts.get(suite)
        if verdict is None:
            raise PublicationRefused(
                f"Run {run.run_id} has not passed {suite} for the rows it staged. "
                "Nothing was published.",
                needs_step=step,
            )
        if not (verdict["success"] or verdict["tolerated"]):
            raise PublicationRefused(
                f"Run {run.run_id} failed {suite}. Nothing was published; see `kpi rejects`."
            )


def _check_deactivations(
    connection: Connection, settings: Settings, run: WindowRun, publication: Publication
) -> None:
    crypto = settings.crypto
    if run.allow_mass_deactivation or publication.deactivated <= crypto.deactivation_allowance:
        return
    days = execute(
        connection,
        "crypto_events/publication/count_deactivations.sql",
        None,
        **_window(run),
        whole_days=sql.Literal(whole_days(connection)),
    ).fetchall()
    parts = [(str(row["day"]), row["gone_rows"], row["live_rows"]) for row in days]
    parts.append((f"the window {run}", publication.deactivated, sum(part[2] for part in parts)))
    for name, gone, live in parts:
        if gone > crypto.deactivation_allowance and gone > live * crypto.max_deactivation_share:
            raise PublicationRefused(
                f"{gone:,} of {live:,} live rows of {name} vanished from the source, more than "
                f"max_deactivation_share = {crypto.max_deactivation_share:.0%} allows. Nothing "
                "was published. If the source is right, run again with --allow-mass-deactivation."
            )


def _apply(
    connection: Connection, run: WindowRun, key: Key, publication: Publication
) -> sql.Literal:
    """Write the changes into prod, and return the days that were compared as a whole."""
    execute(connection, "crypto_events/publication/publish_as_ourselves.sql")
    changed = publication.updated + publication.reactivated + publication.deactivated
    if changed:
        execute(
            connection,
            "crypto_events/publication/update_prod.sql",
            None,
            **_window(run),
            values=listed("{0} = coalesce(delta.{0}, live.{0})", [*key.values, "purchase_value"]),
            same_key=all_of("live.{0} = delta.{0}", key.ordered),
        )
    _insert(connection, run)
    days = sql.Literal(whole_days(connection))
    execute(connection, "crypto_events/staging/counts/count_published.sql", None, whole_days=days)
    if changed or publication.inserted:
        _check_conservation(connection, run, days, publication.protected)
    return days


def _insert(connection: Connection, run: WindowRun) -> None:
    """Insert what is new, into partitions that are there and those that are added for it."""

    def insert(table: sql.Identifier, rows: sql.Composable) -> None:
        execute(
            connection, "crypto_events/publication/insert_into_prod.sql", table=table, rows=rows
        )

    apart = months_apart(connection, run.days)
    add_partitions(connection, run.days, insert if apart else None)
    if apart != months_of(run.days):
        others: list[sql.Composable] = [
            sql.SQL("NOT {}").format(of_month(month)) for month in apart
        ]
        insert(
            sql.Identifier("prod", "bt_crypto_events"),
            sql.SQL(" AND ").join(others or [sql.SQL("true")]),
        )


def _settle(connection: Connection, run: WindowRun, days: sql.Literal) -> None:
    execute(connection, "crypto_events/publication/settle_touched.sql")
    execute(
        connection,
        "crypto_events/publication/touch_again.sql",
        reason=sql.Literal(DUPLICATE),
        run_id=sql.Literal(run.run_id),
    )
    execute(connection, "crypto_events/publication/forget_vouchers.sql")
    execute(
        connection,
        "crypto_events/publication/add_vouchers.sql",
        {"run_id": run.run_id},
        whole_days=days,
    )


def _check_conservation(
    connection: Connection, run: WindowRun, days: sql.Literal, protected: int
) -> None:
    counted = fetch_one(
        connection,
        "crypto_events/publication/count_compared_live_rows.sql",
        None,
        whole_days=days,
        **_window(run),
    )
    expected = counted["candidate_rows"] + protected
    if counted["live_rows"] != expected:
        raise KpiError(
            f"Of what was compared in {run}, {counted['live_rows']:,} rows would be live, but the "
            f"candidate and the protected rows are {expected:,}. Nothing was published. If "
            "somebody changed prod just now, run again; if not, please report this."
        )
