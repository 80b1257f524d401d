"""A full disk is told in one sentence, whichever library met it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from flows.platform.storage.atomic_files import write_json
from flows.platform.storage.full_disk import full_disk
from tests.environment.small_disk import fill, needs_root, small_disk

pytestmark = needs_root


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 4) as disk:
        yield disk


def with_duckdb(disk: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT uuid() FROM range(9)) TO '{disk}/new.parquet'")


def with_sqlite(disk: Path) -> None:
    with closing(sqlite3.connect(disk / "new.db")) as connection:
        connection.execute("CREATE TABLE new (n)")


def as_json(disk: Path) -> None:
    write_json(disk / "new.json", "x" * 10_000)


def as_a_cause(disk: Path) -> None:
    try:
        as_json(disk)
    except OSError as error:
        raise RuntimeError("This failed.") from error


@pytest.mark.parametrize("write", [as_json, as_a_cause, with_duckdb, with_sqlite])
def test_the_folder_is_named(write: Callable[[Path], None], disk: Path) -> None:
    fill(disk)

    with pytest.raises(Exception) as raised:  # noqa: PT011 (each library has its own)
        write(disk)

    sentence = full_disk(raised.value, disk / "kpi")
    assert sentence == (
        f"The disk is full: 0 MB are left in {disk}. No step is half done: "
        "make room there, then run again."
    )


def test_a_disk_that_is_not_ours_is_looked_for(disk: Path, tmp_path: Path) -> None:
    fill(disk)

    with pytest.raises(OSError, match="No space left") as raised:
        as_json(disk)

    sentence = full_disk(raised.value, tmp_path)
    assert sentence is not None
    assert sentence.startswith("A disk is full, and it is none of ")


def test_other_errors_are_none_of_it(tmp_path: Path) -> None:
    assert full_disk(FileNotFoundError(2, "No such file"), tmp_path) is None
