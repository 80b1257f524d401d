"""Nobody but its owner looks into a home folder."""

import os
import stat
from pathlib import Path

import pytest

from flows.platform.storage.home import keep_home_private
from flows.settings import Settings

# Where root runs kpi, the group is PostgreSQL's account: it goes through, and lists nothing.
PRIVATE = 0o710 if os.geteuid() == 0 else 0o700


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
    (tmp_path / "file").write_text("")
    keep_home_private(Settings(home=tmp_path / "file" / "home"))
