"""Readers where the administrator may less, or what is given is not enough."""

from datetime import date

import psycopg
import pytest
from pydantic import SecretStr

from flows.errors import BadInput, KpiError
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.databases import prepare_databases
from flows.platform.warehouse.migrations import migrate
from flows.platform.warehouse.readers import let_readers_in
from flows.settings import Settings
from flows.settings.servers import PrepareSettings
from tests.platform.warehouse.conftest import Url

# One process makes what they share.
pytestmark = pytest.mark.xdist_group("databases")

SHUT = psycopg.errors.InsufficientPrivilege


def test_an_administrator_who_is_no_superuser_does_the_same_but_for_the_servers_functions(
    administrator: str, url: Url
) -> None:
    prepare = PrepareSettings(
        admin_url=SecretStr(administrator),
        database_urls=(SecretStr(url("rented", "rented_db")),),
        reader_url=SecretStr(url("guest", "rented_db")),
        app_url=SecretStr(url("page", "rented_db")),
    )
    settings = Settings(database_url=SecretStr(url("rented", "rented_db")), prepare=prepare)
    for _ in range(2):
        prepare_databases(settings)
        migrate(settings)
        let_in = let_readers_in(settings)
    assert [(each.role, each.database) for each in let_in] == [
        ("page", "rented_db"),
        ("guest", "rented_db"),
    ]
    assert min(each.open_functions for each in let_in) > 0
    with psycopg.connect(url("guest", "rented_db"), autocommit=True) as guest:
        guest.execute("SELECT * FROM prod.bt_crypto_events")
        guest.execute("SELECT pg_advisory_lock(hashtext('kpi'), hashtext('crypto_events'))")
        with pytest.raises(SHUT):
            guest.execute("SELECT FROM raw.deliveries")
        with pipeline_lock(settings, "crypto_events", Run(as_of=date(2025, 3, 10), run_id="mine")):
            pass


def test_a_database_without_our_tables_has_no_readers(own_server: str, url: Url) -> None:
    bare = PrepareSettings(
        admin_url=SecretStr(own_server),
        database_urls=(SecretStr(url("bare", "bare_db")),),
        app_url=SecretStr(url("nobody", "bare_db")),
    )
    prepare_databases(Settings(prepare=bare))
    with pytest.raises(KpiError, match="database bare_db, which nobody is to read, has no tables"):
        let_readers_in(Settings(prepare=bare))


def test_a_readers_incomplete_url_is_told_before_anything_is_done() -> None:
    prepare = PrepareSettings(
        admin_url=SecretStr("postgresql://postgres@127.0.0.1:1/postgres"),
        app_url=SecretStr("postgresql://app@db:5432/crypto_db"),
    )
    with pytest.raises(BadInput, match="A URL among KPI_PREPARE__… is not postgresql://ROLE:PASS"):
        prepare_databases(Settings(prepare=prepare))
