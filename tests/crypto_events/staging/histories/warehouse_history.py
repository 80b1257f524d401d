"""What happens to a warehouse: deliveries, repairs, runs. Two of them live through the same."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, LiteralString, TypeVar
from unittest.mock import patch

import psycopg
from psycopg import sql

from flows.crypto_events.contract import DUPLICATE, RAW_COLUMNS
from flows.crypto_events.key import Key
from flows.crypto_events.landing.ingest import Mode, ingest
from flows.crypto_events.publication.merge_to_prod import Publication, merge_to_prod
from flows.crypto_events.repair.adopt_key import AdoptedKey, adopt_key
from flows.crypto_events.repair.plan import plan_publication
from flows.crypto_events.repair.rejects import correct, dismiss
from flows.crypto_events.run import WindowRun, plan_run
from flows.crypto_events.staging.duplicates import find_duplicates
from flows.errors import BadInput, PublicationRefused, StageLost
from flows.forgetting.warehouse import forget_in_warehouse
from flows.platform.forgetting.people import People
from flows.platform.warehouse.connection import Connection, connect, execute, transaction
from flows.retention.prune_warehouse import prune_warehouse
from flows.retention.run import PruneRun
from flows.settings import Settings
from tests.contracts.keys import by_contract, contract_with
from tests.crypto_events.oracle.contract_oracle import RawRow
from tests.crypto_events.staging.histories.warehouse_tables import COUNTS, LEFT
from tests.crypto_rows import change_row, remove_rows, stage

T = TypeVar("T")


@dataclass
class History:
    """A warehouse to which the same happens as to another.

    With `full`, each run judges everything anew, and verifies that what was kept is the same.
    """

    settings: Settings
    db: Connection
    full: bool
    folder: Path
    held: list[Connection] = field(default_factory=list)

    def begin(self) -> None:
        """Empty every table."""
        self.release()
        self.db.execute(
            "TRUNCATE raw.bt_crypto_transaction_history, raw.deliveries,"
            " raw.bt_crypto_transaction_history_replaced, prod.bt_crypto_events,"
            " dqm.bt_crypto_events_dismissals, dqm.bt_crypto_events_runs,"
            " dqm.bt_crypto_events_rejects, dqm.dq_runs, dqm.bt_crypto_events_superseded,"
            " raw.bt_crypto_judged, raw.bt_crypto_judged_days,"
            " raw.bt_crypto_judged_contract, raw.bt_crypto_arrivals, raw.bt_crypto_departures,"
            " raw.bt_crypto_touched, raw.bt_crypto_raw_counts, raw.bt_crypto_day_counts,"
            " dqm.bt_crypto_events_vouchers, dqm.bt_crypto_events_delivered_days,"
            " dqm.bt_crypto_events_pruned_days, dqm.prunings, dqm.bt_crypto_events_of_other_keys"
            " RESTART IDENTITY"
        )

    def choose(self, shared: str, key: tuple[str, ...]) -> AdoptedKey:
        """Take a contract of another choice for rows that share a key, or of another key."""
        contract = contract_with(self.folder, shared, key)
        self.settings = by_contract(self.settings, contract)
        return adopt_key(self.settings)

    def arrive(self, rows: Sequence[RawRow], db: Connection | None = None) -> None:
        """Store rows as any client may, in one statement."""
        columns = [
            *zip(
                *((*row.cells, row.arrived_at, row.source, row.row_number) for row in rows),
                strict=True,
            )
        ]
        (db or self.db).execute(
            "INSERT INTO raw.bt_crypto_transaction_history (site_id, user_id, purchase_date,"
            " crypto_type, purchase_price, purchase_units, arrived_at, source_name,"
            " source_row_number) SELECT * FROM unnest(%s::text[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::bigint[])",
            [list(column) for column in columns],
        )

    def hold(self, rows: Sequence[RawRow]) -> None:
        """Store rows in a transaction that stays open: later rows commit before them."""
        connection = connect(self.settings, "test")
        self.held.append(connection)
        self.arrive(rows, connection)

    def release(self) -> None:
        """Commit what is held."""
        while self.held:
            connection = self.held.pop()
            connection.commit()
            connection.close()

    def deliver(self, rows: Sequence[RawRow], mode: Mode) -> None:
        """Ingest the rows as a file."""
        file = self.folder / "delivery.csv"
        lines = [",".join(f'"{cell or ""}"' for cell in row.cells) for row in rows]
        file.write_text("\n".join([",".join(RAW_COLUMNS), *lines, ""]), encoding="utf-8")
        ingest(self.settings, file, mode)

    def change(self, which: int, column: str, cell: str | None) -> None:
        """Change a cell of some row."""
        for raw_id in self._some(which, "raw.bt_crypto_transaction_history"):
            change_row(self.db, raw_id, **{column: cell})

    def remove(self, which: int) -> None:
        """Delete some row."""
        remove_rows(self.db, *self._some(which, "raw.bt_crypto_transaction_history"))

    def remove_all(self) -> None:
        """Truncate the history."""
        self.release()
        self.db.execute("TRUNCATE raw.bt_crypto_transaction_history")

    def meddle(self, which: int, change: LiteralString) -> None:
        """Change some published row behind the pipeline's back."""
        key = "purchase_date, site_id, user_id, crypto_type"
        rows = self.db.execute(f"SELECT {key} FROM prod.bt_crypto_events ORDER BY {key}").fetchall()
        if rows:
            row = list(rows[which % len(rows)].values())
            self.db.execute(f"{change} WHERE ({key}) = (%s, %s, %s, %s)", row)

    def forget(self, user: str) -> None:
        """Forget a user, in the warehouse alone: later rows are taken again."""
        forget_in_warehouse(self.settings, People(user), dry_run=False)

    def prune(self, kept_from: date) -> None:
        """Remove raw rows of days before, of which each is published or decided about."""
        values = self.settings.model_dump()
        settings = Settings.model_validate(
            {**values, "retention": {**values["retention"], "raw_days": 1}}
        )
        run = PruneRun(as_of=kept_from + timedelta(days=1), mode="prune", run_id="pruning")
        prune_warehouse(settings, run)

    def dismiss(self, which: int) -> None:
        """Dismiss some reject."""
        if ids := self._some(which, "dqm.bt_crypto_events_rejects"):
            _unless_refused(lambda: dismiss(self.settings, by="me", why="known", raw_ids=ids))

    def correct(self, which: int, column: str, cell: str) -> None:
        """Correct some reject."""
        for raw_id in self._some(which, "dqm.bt_crypto_events_rejects"):
            _unless_refused(
                lambda raw_id=raw_id: correct(
                    self.settings, raw_id, {column: cell}, by="me", why="typo"
                )
            )

    def cut_short(self, settings: Settings, as_of: date, window_days: int) -> None:
        """Stage a window and roll that back, as a killed step or `kpi plan` does."""
        plan_publication(settings, plan_run(settings, as_of, window_days=window_days))

    def run(
        self,
        settings: Settings,
        run_id: str,
        as_of: date,
        window_days: int,
        policy: str,
        killed_at: int = 0,
    ) -> Publication | str:
        """Stage, record the rejects and publish, as Great Expectations would let it.

        Steps that come to the given statement are killed there, and repeated.
        """
        run = self._despite_a_kill(
            killed_at, lambda: self._stage(settings, run_id, as_of, window_days, policy)
        )
        with transaction(settings, "test") as connection:
            execute(connection, "crypto_events/validation/record_rejects.sql", vars(run))
            find_duplicates(connection, Key.of(settings.crypto))
            conflicts = execute(
                connection,
                "crypto_events/validation/record_conflicts.sql",
                vars(run),
                reason=sql.Literal(DUPLICATE),
            ).rowcount
        if conflicts:
            return "conflicts"
        try:
            return self._despite_a_kill(killed_at, lambda: merge_to_prod(settings, run))
        except PublicationRefused as refused:
            return str(refused)

    def overtaken(
        self, settings: Settings, run_id: str, first: tuple[date, int], second: tuple[date, int]
    ) -> Publication | str:
        """Stage a window, and let another run overtake it before it publishes."""
        run = self._stage(settings, f"{run_id} overtaken", *first, "quarantine")
        outcome = self.run(settings, run_id, *second, "quarantine")
        try:
            merge_to_prod(settings, run)
        except StageLost:
            return outcome
        raise AssertionError("It published what another run had staged.")

    def abandon(self, settings: Settings, run_id: str, as_of: date, window_days: int) -> None:
        """Stage a window that is never published."""
        self._stage(settings, run_id, as_of, window_days, "quarantine")

    def staged(self) -> dict[int, dict[str, Any]]:
        """Return what the last run looked at, by raw_id."""
        rows = self.db.execute("SELECT * FROM staging.bt_crypto_events_window")
        return {row["raw_id"]: row for row in rows}

    def counted(self, what: str) -> dict[Any, int]:
        """Return how many rows a day has, for days with any."""
        rows = self.db.execute(COUNTS[what]).fetchall()
        return {row["day"]: row["count"] for row in rows if row["count"]}

    def left(self, what: str) -> list[dict[str, Any]]:
        """Return what the runs left in a table."""
        return self.db.execute(LEFT[what]).fetchall()

    def _stage(
        self, settings: Settings, run_id: str, as_of: date, window_days: int, policy: str
    ) -> WindowRun:
        return stage(
            settings,
            tolerated=True,
            run_id=run_id,
            as_of=as_of,
            window_days=window_days,
            policy=policy,
            verify=self.full,
        )

    def _despite_a_kill(self, at: int, work: Callable[[], T]) -> T:
        """Do the work; in the first warehouse it is killed at the statement, and repeated."""
        statements = count(1)
        real = psycopg.Connection.execute

        def dying(connection: Connection, *arguments: Any, **options: Any) -> Any:
            if next(statements) == at:
                raise _Killed
            return real(connection, *arguments, **options)

        if at and not self.full:
            with suppress(_Killed), patch.object(psycopg.Connection, "execute", dying):
                return work()
        return work()

    def _some(self, which: int, table: str) -> list[int]:
        ids = self.db.execute(f"SELECT DISTINCT raw_id FROM {table} ORDER BY raw_id").fetchall()
        return [ids[which % len(ids)]["raw_id"]] if ids else []


class _Killed(BaseException):
    """What no step handles."""


def _unless_refused(work: Any) -> None:
    with suppress(BadInput):
        work()


def moment(day: int, hour: int) -> datetime:
    """A moment of March 2025 in UTC."""
    return datetime.fromisoformat(f"2025-03-{day:02}T{hour:02}:00:00+00:00")
