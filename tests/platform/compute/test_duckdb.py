"""DuckDB inside this process: names of files in SQL, and the functions that templates need."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.paths import REPOSITORY
from flows.platform.compute.duckdb import duckdb_connection, fetch_row, parquet_rows, sql_literal
from flows.platform.compute.spill import scratch_folder
from flows.settings import Settings


@pytest.mark.parametrize("text", ["", "it's", "''", 'a "b"', "a\\'b\n", "día", "{x}"])
def test_a_text_is_a_literal(text: str) -> None:
    with duckdb_connection(Settings()) as connection:
        assert connection.execute(f"SELECT {sql_literal(text)}").fetchone() == (text,)


@pytest.mark.parametrize("name", ["a", "it's 100% a {name}", "a[1]b", "%2E%2E"])
def test_the_rows_of_a_file_and_of_a_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with duckdb_connection(Settings()) as connection:
        for number in (1, 2):
            target = sql_literal(str(folder / f"{number}.parquet"))
            connection.execute(f"COPY (SELECT {number} AS number) TO {target} (FORMAT parquet)")
        (folder / "_SUCCESS").touch()
        for path, numbers in ((folder, [(1,), (2,)]), (folder / "2.parquet", [(2,)])):
            rows = connection.execute(f"FROM {parquet_rows(path)} ORDER BY number").fetchall()
            assert rows == numbers


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2026, 6, 30), date(1900, 3, 1)])
def test_days_count_from_1970_as_in_spark(day: date) -> None:
    with duckdb_connection(Settings()) as connection:
        found = connection.execute(f"SELECT unix_date(DATE '{day}')").fetchone()
    assert found == (day.toordinal() - date(1970, 1, 1).toordinal(),)


def test_one_row_of_a_template() -> None:
    with duckdb_connection(Settings()) as connection:
        assert fetch_row(connection, "churn/sources/count_rows.sql", source="range(3)") == (3,)
        rows = "(SELECT 1 AS a WHERE false) GROUP BY a"
        with pytest.raises(KpiError, match=r"^sql/churn/sources/count_rows\.sql returned no row$"):
            fetch_row(connection, "churn/sources/count_rows.sql", source=rows)


def test_short_memory_is_helped_by_the_home(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", duckdb_memory_mb=64, duckdb_threads=1)
    with duckdb_connection(settings) as connection:
        query = "SELECT md5(CAST(range AS VARCHAR)) AS a FROM range(1500000) ORDER BY a"
        connection.execute(f"CREATE TABLE sorted AS {query}")
        assert list((settings.home / "duckdb").rglob("*.tmp"))
    assert [path.name for path in (settings.home / "duckdb").iterdir()] == ["lock"]


def test_memory_that_does_not_suffice_is_a_sentence(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, duckdb_memory_mb=64, duckdb_threads=1)
    with (
        pytest.raises(KpiError, match=r"^The 64 MB that DuckDB may use are too few for this: "),
        duckdb_connection(settings) as connection,
    ):
        connection.execute("SELECT list(range) FROM range(100_000_000)")


@pytest.mark.parametrize(
    ("folder", "use"), [("duckdb", duckdb_connection), ("scratch", scratch_folder)]
)
def test_what_a_killed_process_left_is_removed_by_the_next(
    tmp_path: Path, folder: str, use: Callable[[Settings], AbstractContextManager[object]]
) -> None:
    settings = Settings(home=tmp_path)
    abandoned = tmp_path / folder / "tmpabandoned"
    abandoned.mkdir(parents=True)
    (abandoned / "users.parquet").touch()
    with use(settings), use(settings):
        assert not abandoned.exists()
        # Neither takes the other's away.
        assert len([path for path in (tmp_path / folder).iterdir() if path.is_dir()]) == 2
    assert [path.name for path in (tmp_path / folder).iterdir()] == ["lock"]


def test_one_place_opens_duckdb() -> None:
    opened = {
        path.relative_to(REPOSITORY).as_posix()
        for room in ("app", "flows")
        for path in (REPOSITORY / room).rglob("*.py")
        if "duckdb.connect(" in path.read_text(encoding="utf-8")
    }
    assert opened == {"flows/platform/compute/duckdb.py"}
