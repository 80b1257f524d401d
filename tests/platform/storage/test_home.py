"""Nobody but its owner looks into a home folder."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.local.postgres.shared import running_warehouse
from flows.platform.storage.home import keep_home_private, private_files
from flows.platform.warehouse.connection import connect
from flows.settings import Settings

# Where root runs kpi, the group is PostgreSQL's account: it goes through, and lists nothing.
PRIVATE = 0o710 if os.geteuid() == 0 else 0o700


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root lets another account through")
NOBODY = 65534


@pytest.fixture
def home() -> Iterator[Path]:
    """A home to be, in a folder that every user may enter; pytest's own are for one user."""
    folder = Path(tempfile.mkdtemp(prefix="kpi-test-"))
    folder.chmod(0o755)
    yield folder / ".kpi"
    shutil.rmtree(folder)


def sees(path: Path) -> bool:
    """Return whether PostgreSQL's account lists the folder, or opens the file."""
    program = ["ls"] if path.is_dir() else ["cat"]
    ended = subprocess.run(
        [*program, path],
        check=False,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
    )
    return ended.returncode == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_its_owners(tmp_path: Path) -> None:
    keep_home_private(Settings(home=tmp_path / "deep" / "home"))
    assert mode(tmp_path / "deep" / "home") == PRIVATE


def test_the_home_of_a_former_version_is_closed(tmp_path: Path) -> None:
    home = tmp_path / ".kpi"
    home.mkdir(mode=0o755)
    for _ in range(2):
        keep_home_private(Settings(home=home))
        assert mode(home) == PRIVATE


@pytest.mark.parametrize("former", [0o755, 0o775])
def test_a_folder_that_somebody_named_stays_as_it_is(tmp_path: Path, former: int) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(former)
    keep_home_private(Settings(home=shared))
    assert mode(shared) == former


def test_a_folder_that_cannot_be_made_is_told_by_who_needs_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "file" / "home")
    (tmp_path / "file").write_text("")
    keep_home_private(settings)


@AS_ROOT
def test_postgresqls_account_sees_nothing_that_a_former_version_left(home: Path) -> None:
    features = home / "churn" / "runs" / "features.parquet"
    features.parent.mkdir(parents=True)
    for file in (features, home / "check.json"):
        file.write_text("a person")
        assert sees(file)

    keep_home_private(Settings(home=home))

    everything = [home, *home.rglob("*")]
    assert [path for path in everything if sees(path)] == []


@AS_ROOT
def test_postgresqls_account_sees_nothing_that_is_written_beside_its_server(home: Path) -> None:
    settings = Settings(home=home)
    umask = os.umask(0o022)
    try:
        with running_warehouse(settings) as running, connect(running, "test") as connection:
            assert (home / "postgres" / "data").stat().st_uid == NOBODY
            assert connection.execute("SELECT 1").fetchone()
            written = home / "new" / "deeper" / "rows.csv"
            written.parent.mkdir(parents=True)
            written.write_text("a person")
            assert not sees(written)
            assert not sees(home / "postgres" / "password")
            assert not sees(home / "new")
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(umask)


@AS_ROOT
def test_of_two_threads_the_last_one_opens_what_is_written_again(home: Path) -> None:
    settings = Settings(home=home)
    keep_home_private(settings)
    before = os.umask(0o022)
    try:
        first, second = private_files(settings), private_files(settings)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert _umask() == 0o077, "the second one still writes"
        second.__exit__(None, None, None)
        assert _umask() == 0o022
    finally:
        os.umask(before)


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
