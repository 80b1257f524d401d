"""A home folder without a person: what else lies there, and what is in use."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.contracts.producers.read import PRODUCERS
from flows.errors import KpiError
from flows.forgetting.home import forget_in_home, left_to_others
from flows.forgetting.trace import Trace, by_place
from flows.platform.forgetting.people import People
from flows.settings import Settings
from tests.churn.churn_files import ROWS, deliver
from tests.churn.sources.producers.foreign_files import write_foreign

HER = People("7")
YEARS_AGO = 1_600_000_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home has a folder."""
    (tmp_path / "kpi" / "churn" / "runs").mkdir(parents=True)
    return Settings.model_validate(
        {"home": tmp_path / "kpi", "churn": {"source": tmp_path / "delivery"}}
    )


def table(path: Path) -> Path:
    pq.write_table(pa.table({"user_id": [7, 8]}), path)
    return path


def test_what_a_killed_process_left_is_searched_or_deleted(settings: Settings) -> None:
    folder = settings.home / "churn" / "runs"
    whole = table(folder / ".users.parquet.0a1b2c3d")
    half = folder / ".users.parquet.00000000"
    half.write_bytes(whole.read_bytes()[:-9])
    in_folder = folder / ".clean.00000000" / "PAYMENTS.parquet"
    in_folder.parent.mkdir()
    in_folder.write_bytes(half.read_bytes())

    found = by_place(forget_in_home(settings, HER, dry_run=False))

    assert found == [Trace("kpi/churn/runs/", 3, "deleted")]
    assert not half.exists()
    assert not in_folder.exists()
    assert pq.read_table(whole).to_pylist() == [{"user_id": 8}]


def test_a_log_is_made_nameless_while_somebody_writes_it(settings: Settings) -> None:
    path = settings.home / "postgres.log"
    put_aside = settings.home / "postgres.log.3"
    put_aside.write_text("contains (7, ETH)\n")
    with path.open("a", encoding="utf-8") as log:
        log.write("contains (7, BTC)\n")
        log.flush()
        forget_in_home(settings, HER, dry_run=False)
        log.write("contains (8, BTC)\n")

    assert path.read_text(encoding="utf-8") == "contains (x, BTC)\ncontains (8, BTC)\n"
    assert put_aside.read_text() == "contains (x, ETH)\n"


def test_what_is_rewritten_is_as_old_as_before(settings: Settings) -> None:
    folder = settings.home / "churn" / "runs"
    rows = folder / "rows.csv"
    rows.write_text("user_id\n7\n8\n", encoding="utf-8")
    log = folder / "run.log"
    log.write_text("contains (7, BTC)\n", encoding="utf-8")
    files = [rows, log, table(folder / "users.parquet")]
    for path in (*files, folder):
        os.utime(path, (YEARS_AGO, YEARS_AGO))
    former = [path.read_bytes() for path in files]

    forget_in_home(settings, HER, dry_run=False)

    assert all(path.read_bytes() != text for path, text in zip(files, former, strict=True))
    assert {path.stat().st_mtime for path in (*files, folder)} == {YEARS_AGO}


def test_the_servers_own_files_are_its_own(settings: Settings) -> None:
    data = settings.home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").touch()
    (data / "startup.log").write_text("user 7")

    assert by_place(forget_in_home(settings, HER, dry_run=False)) == []
    assert (data / "startup.log").read_text() == "user 7"


def test_one_damaged_file_keeps_no_other_from_being_searched(settings: Settings) -> None:
    folder = settings.home / "churn" / "runs"
    (folder / "a.parquet").write_bytes(b"PAR1")
    (folder / "b.parquet").write_bytes(b"PAR1")
    after = table(folder / "c.parquet")

    with pytest.raises(KpiError, match=r"a\.parquet cannot be .* So it is with 1 other file\."):
        forget_in_home(settings, HER, dry_run=False)
    assert pq.read_table(after).to_pylist() == [{"user_id": 8}]


def test_deliveries_are_counted_and_left(settings: Settings) -> None:
    file = deliver(settings.churn.source) / "PAYMENTS.csv"
    before = file.read_bytes()

    found = left_to_others(settings, HER)

    # She sells, in three payments.
    assert by_place(found) == [Trace("KPI_CHURN__SOURCE: PAYMENTS.csv", 3, "left")]
    assert file.read_bytes() == before


def test_so_they_are_where_their_producer_writes_them_otherwise(settings: Settings) -> None:
    folder = deliver(settings.churn.source)
    producer = write_foreign(folder, "PAYMENTS", ROWS["PAYMENTS"])
    churn = settings.churn.model_copy(update={"producers": {"PAYMENTS": str(producer)}})
    mapped = settings.model_copy(update={"churn": churn})

    found = left_to_others(mapped, HER)

    # Two of them stand there again, as rows that are left out.
    assert by_place(found) == [Trace("KPI_CHURN__SOURCE: PAYMENTS.csv", 5, "left")]


def test_so_they_are_where_the_folder_is_in_the_home(settings: Settings) -> None:
    in_home = settings.model_copy(
        update={"churn": settings.churn.model_copy(update={"source": settings.home / "delivery"})}
    )
    folder = in_home.churn.source
    folder.mkdir()
    foreign = folder / "PAYMENTS.csv"
    foreign.write_text("Comprador;importe\n7;1,50\n8;7\n17;1,5\n")

    for dry_run in (True, False):
        found = by_place(forget_in_home(in_home, HER, dry_run=dry_run))
        # An amount, too, may be meant where no column is known.
        assert found == [Trace("kpi/delivery/", 2, "left")]
        assert by_place(left_to_others(in_home, HER)) == []

    producer = write_foreign(folder, "PAYMENTS", ROWS["PAYMENTS"])
    churn = in_home.churn.model_copy(update={"producers": {"PAYMENTS": str(producer)}})
    mapped = in_home.model_copy(update={"churn": churn})
    before = foreign.read_bytes()

    assert by_place(forget_in_home(mapped, HER, dry_run=False)) == []
    assert by_place(left_to_others(mapped, HER)) == [
        Trace("KPI_CHURN__SOURCE: PAYMENTS.csv", 5, "left")
    ]
    assert foreign.read_bytes() == before


def test_a_file_in_another_encoding_is_told(settings: Settings) -> None:
    (settings.home / "delivery.csv").write_text("user_id;importe\n7;1\n", encoding="utf-16")

    with pytest.raises(KpiError, match=r"delivery\.csv cannot be searched: it is no text in UTF-8"):
        forget_in_home(settings, HER, dry_run=False)


def test_a_producer_of_one_account_names_its_user_and_is_left(settings: Settings) -> None:
    settings.churn.source.mkdir()

    found = left_to_others(settings, People("100012"))

    assert by_place(found) == [Trace("contracts/producers: kraken.yaml", 1, "left")]


def test_so_is_one_that_the_settings_name_elsewhere(settings: Settings, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    kraken = (PRODUCERS / "kraken.yaml").read_text(encoding="utf-8")
    mine.write_text(kraken, encoding="utf-8")
    churn = settings.churn.model_copy(update={"producers": {"PAYMENTS": str(mine)}})
    named = settings.model_copy(update={"churn": churn})

    found = left_to_others(named, People("100012"))

    assert Trace("KPI_CHURN__PRODUCERS: mine.yaml", 1, "left") in by_place(found)
