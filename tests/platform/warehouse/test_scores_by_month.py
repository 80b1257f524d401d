"""The migration that keeps scores by month loses no row, right, key or comment."""

from pathlib import Path
from shutil import copytree

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from flows.local.postgres.server import PostgresServer
from flows.paths import MIGRATIONS
from flows.platform.warehouse.connection import connect
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings


def test_scores_of_before_are_there_by_month(server: PostgresServer, tmp_path: Path) -> None:
    admin = psycopg.connect(server.url("postgres"), autocommit=True)
    admin.execute("CREATE DATABASE before_months TEMPLATE template0")
    admin.execute("CREATE ROLE months_reader")
    settings = Settings(database_url=SecretStr(server.url("before_months")))
    before = copytree(MIGRATIONS, tmp_path / "migrations")
    for later in before.glob("*.sql"):
        if later.name >= "0012":
            later.unlink()
    try:
        migrate(settings, before)
        with connect(settings, "test", autocommit=True) as db:
            db.execute(
                "INSERT INTO prod.bt_churn_scores SELECT day::date, n, '3', 0.25, day "
                "FROM generate_series('2026-01-31'::date, '2026-03-01', '1 day') AS day, "
                "generate_series(1, 50) AS n"
            )
            db.execute("GRANT SELECT ON prod.bt_churn_scores TO months_reader")
            db.execute("GRANT UPDATE (probability) ON prod.bt_churn_scores TO months_reader")
            kept = _fingerprint(db)

            migrate(settings)

            assert _fingerprint(db) == kept
            months = db.execute(
                "SELECT inhrelid::regclass::text AS name FROM pg_inherits "
                "WHERE inhparent = 'prod.bt_churn_scores'::regclass AND inhrelid::regclass::text "
                "NOT LIKE '%%pkey' ORDER BY 1"
            ).fetchall()
            assert [month["name"] for month in months] == [
                f"prod.bt_churn_scores_2026_0{month}" for month in (1, 2, 3)
            ]
            rights = db.execute(
                "SELECT has_table_privilege('months_reader', oid, 'SELECT') AS reads, "
                "has_table_privilege('months_reader', oid, 'INSERT') AS writes, "
                "has_column_privilege('months_reader', oid, 'probability', 'UPDATE') AS changes, "
                "obj_description(oid) LIKE 'Probability that%%' AS told, "
                "col_description(oid, 4) AS column_told "
                "FROM pg_class WHERE oid = 'prod.bt_churn_scores'::regclass"
            ).fetchone()
            assert rights == {
                "reads": True,
                "writes": False,
                "changes": True,
                "told": True,
                "column_told": "Probability of churn, from 0 to 1",
            }
            with pytest.raises(psycopg.errors.UniqueViolation, match="bt_churn_scores"):
                db.execute("INSERT INTO prod.bt_churn_scores VALUES ('2026-02-01', 1, '3', 0.5)")
    finally:
        admin.execute("DROP DATABASE before_months WITH (FORCE)")
        admin.execute("DROP ROLE months_reader")
        admin.close()


def _fingerprint(db: psycopg.Connection[object]) -> object:
    return db.execute(
        sql.SQL(
            "SELECT count(*) AS rows, sum(hash_record_extended("
            "(as_of, user_id, model_version, probability, scored_at), 0)::numeric) AS hash "
            "FROM prod.bt_churn_scores"
        )
    ).fetchone()
