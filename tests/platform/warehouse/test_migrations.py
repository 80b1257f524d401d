"""Migrations are applied once, in order, all or nothing."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from pydantic import SecretStr

from flows.churn.production.ledger import last_change
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.paths import MIGRATIONS
from flows.platform.warehouse.connection import Connection, connect
from flows.platform.warehouse.migrations import migrate, read_migrations
from flows.settings import Settings
from tests.environment.fresh_database import fresh_database


@pytest.fixture
def empty(server: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """Settings for an empty database."""
    with fresh_database(server, f"empty_{tmp_path.name}"[:63]) as url:
        yield Settings(home=tmp_path / "kpi", database_url=SecretStr(url))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations of our own."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_coins.sql").write_text("CREATE TABLE coins (name text); -- 100 %\n")
    (folder / "0002_seed.sql").write_text(
        "INSERT INTO coins VALUES ('BTC');\nINSERT INTO coins VALUES ('ETH');\n"
    )
    return folder


def coins(settings: Settings) -> list[str]:
    with connect(settings, "test") as connection:
        return [row["name"] for row in connection.execute("SELECT name FROM coins ORDER BY name")]


def test_applied_once_in_order(empty: Settings, folder: Path) -> None:
    assert migrate(empty, folder) == ["0001_coins", "0002_seed"]
    assert migrate(empty, folder) == []
    assert coins(empty) == ["BTC", "ETH"]


def test_what_the_ledger_said_before_an_upgrade_is_no_change_under_way(
    empty: Settings, tmp_path: Path
) -> None:
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    for file in MIGRATIONS.glob("000[1-7]_*.sql"):
        shutil.copy(file, earlier)
    migrate(empty, earlier)
    with connect(empty, "test") as connection:
        connection.execute(
            "INSERT INTO dqm.bt_churn_promotions (action, version, decided_by, reasons)"
            " VALUES ('promoted', '1', 'ana', '{}'), ('skipped', '2', 'ana', '{}')"
        )
    assert "0008_one_production" in migrate(empty)
    with connect(empty, "test") as connection:
        last = last_change(connection)
    assert last
    assert (last.production, last.unfinished, last.model_sha256) == ("1", False, None)


def test_a_new_file_is_applied_alone(empty: Settings, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "0003_more.sql").write_text("INSERT INTO coins VALUES ('USDC');")
    assert migrate(empty, folder) == ["0003_more"]
    assert coins(empty) == ["BTC", "ETH", "USDC"]


def test_two_at_once_apply_each_file_once(empty: Settings, folder: Path) -> None:
    barrier = Barrier(4)

    def run(_: int) -> list[str]:
        barrier.wait()
        return migrate(empty, folder)

    with ThreadPoolExecutor(4) as pool:
        applied = sorted(pool.map(run, range(4)))
    assert applied == [[], [], [], ["0001_coins", "0002_seed"]]
    assert coins(empty) == ["BTC", "ETH"]


def test_a_changed_file_is_refused(empty: Settings, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "0001_coins.sql").write_text("CREATE TABLE coins (name text, price numeric);")
    (folder / "0003_more.sql").write_text("INSERT INTO coins VALUES ('USDC');")
    with pytest.raises(KpiError, match=r"0001_coins\.sql was changed after it had been applied"):
        migrate(empty, folder)
    assert coins(empty) == ["BTC", "ETH"]


def test_an_unknown_version_is_refused(empty: Settings, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "0002_seed.sql").unlink()
    with pytest.raises(KpiError, match="has migration 0002_seed, which this version of the code"):
        migrate(empty, folder)


def test_a_failing_migration_leaves_nothing(empty: Settings, folder: Path) -> None:
    (folder / "0003_broken.sql").write_text("INSERT INTO coins VALUES ('USDC'); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, folder)
    with connect(empty, "test") as connection:
        row = connection.execute(
            "SELECT to_regclass('coins') AS coins, to_regnamespace('dqm') AS schema"
        ).fetchone()
    assert row == {"coins": None, "schema": None}
    (folder / "0003_broken.sql").unlink()
    assert migrate(empty, folder) == ["0001_coins", "0002_seed"]


def test_the_files_of_the_repository_are_in_a_fresh_database(
    settings: Settings, db: Connection
) -> None:
    versions = [migration.version for migration in read_migrations()]
    assert versions == sorted(path.stem for path in MIGRATIONS.glob("*.sql"))
    rows = db.execute("SELECT version FROM dqm.schema_migrations ORDER BY version")
    assert [row["version"] for row in rows] == versions
    assert migrate(settings) == []


def test_a_copy_of_the_files_is_the_same_history(settings: Settings, tmp_path: Path) -> None:
    assert migrate(settings, shutil.copytree(MIGRATIONS, tmp_path / "copy")) == []


def test_scores_of_before_segments_were_kept_can_be_chosen_from(
    empty: Settings, tmp_path: Path
) -> None:
    migrate(empty, _before("0025", tmp_path))
    with connect(empty, "test") as connection:
        connection.execute(
            "CREATE TABLE prod.june PARTITION OF prod.bt_churn_scores"
            " FOR VALUES FROM ('2026-06-01') TO ('2026-07-01')"
        )
        connection.execute(
            "INSERT INTO prod.bt_churn_scores"
            " (as_of, user_id, model_version, probability, segment, city) VALUES"
            " ('2026-06-23', 1, '1', 0.5, 'Utilities', 'Quito'),"
            " ('2026-06-30', 1, '1', 0.5, 'Instore', 'Lima'),"
            " ('2026-06-30', 2, '1', 0.5, NULL, 'Lima'), ('2026-06-30', 3, '1', 0.5, NULL, NULL)"
        )
    migrate(empty)
    with connect(empty, "test") as connection:
        kept = connection.execute(
            "SELECT as_of::text, kind, name, users FROM prod.bt_churn_scored_groups ORDER BY kind"
        ).fetchall()
    assert [tuple(row.values()) for row in kept] == [
        ("2026-06-30", "city", "Lima", 2),
        ("2026-06-30", "segment", "Instore", 1),
    ]


def test_what_a_run_had_staged_before_keys_were_picked_once_names_the_same_lines(
    empty: Settings, tmp_path: Path
) -> None:
    migrate(empty, _before("0038", tmp_path))
    with connect(empty, "test") as connection:
        connection.execute(
            "INSERT INTO staging.bt_crypto_events_keys"
            " (touch_id, purchase_date, user_id, verifies) VALUES"
            " (1, '2026-06-30', 7, true), (2, '2026-06-30', 7, false), (3, '2026-06-30', 8, true),"
            " (NULL, '2026-06-30', 8, true), (NULL, '2026-06-29', NULL, false)"
        )
    migrate(empty)
    with connect(empty, "test") as connection:
        keys = connection.execute(
            "SELECT purchase_date::text, user_id, verifies, touch_ids"
            " FROM staging.bt_crypto_events_keys ORDER BY purchase_date, user_id"
        ).fetchall()
    assert [tuple(row.values()) for row in keys] == [
        ("2026-06-29", None, False, []),
        ("2026-06-30", 7, False, [1, 2]),
        ("2026-06-30", 8, True, [3]),
    ]


def _before(number: str, folder: Path) -> Path:
    """Return a folder with the migrations of before this number."""
    before = shutil.copytree(MIGRATIONS, folder / "before")
    for later in before.glob("*.sql"):
        if later.name >= number:
            later.unlink()
    return before
