"""People are told once, wherever there is still room to remember it."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.observed.checks import Found
from flows.observed.told import tell
from flows.settings import Settings
from tests.environment.small_disk import fill, needs_root, small_disk
from tests.webhook import Webhook, webhook

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WELL = [Found("disk", "home", True, "there is room")]
FULL = [Found("disk", "home", False, "make room")]
STALE = [Found("backup", "backup", False, "look at its log")]
BACKED_UP = [Found("backup", "backup", True, "it is new")]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for what is temporary."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as received:
        yield received


def of(home: Path, hook: Webhook) -> Settings:
    return Settings.model_validate({"home": home, "webhook_url": hook.url})


@needs_root
@pytest.mark.parametrize("known_before", [True, False])
def test_a_full_disk_is_told_once(
    known_before: bool, tmp_path: Path, elsewhere: Path, hook: Webhook
) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        settings = of(disk, hook)
        if known_before:
            tell(settings, WELL, NOW)
        fill(disk)
        for _ in range(3):
            assert tell(settings, FULL, NOW)
        assert len(hook.texts) == 1
        # Kept on the disk itself where it could be: nothing else outlives a container.
        assert (list(elsewhere.iterdir()) == []) is known_before

        (disk / "filling").unlink()
        for _ in range(2):
            assert tell(settings, WELL, NOW)
    assert len(hook.texts) == 2
    assert "well again" in hook.texts[1]


def damaged(file: Path) -> None:
    file.write_text("{", encoding="utf-8")


def of_another_kind(file: Path) -> None:
    file.write_text('{"missing": 1}', encoding="utf-8")


def a_folder(file: Path) -> None:
    file.mkdir()


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("spoil", [damaged, of_another_kind, a_folder])
def test_what_cannot_be_read_is_as_if_nothing_had_been_told(
    spoil: Callable[[Path], None], tmp_path: Path, hook: Webhook
) -> None:
    spoil(tmp_path / "check.json")
    for _ in range(2):
        assert tell(of(tmp_path, hook), FULL, NOW)
    assert len(hook.texts) == 1


def test_what_another_user_left_is_not_believed(
    tmp_path: Path, elsewhere: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "check.json").mkdir()
    settings = of(tmp_path, hook)
    tell(settings, FULL, NOW)
    [file] = elsewhere.iterdir()
    owner = file.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    file.rename(file.with_name(file.name.replace(f"-{owner}-", f"-{owner + 1}-")))
    tell(settings, FULL, NOW)
    assert len(hook.texts) == 2


@pytest.mark.usefixtures("elsewhere")
def test_two_who_look_at_different_things_tell_each_once(tmp_path: Path, hook: Webhook) -> None:
    """A timer knows of the backup, a run in its container does not."""
    settings = of(tmp_path, hook)
    for minutes in range(0, 60, 15):
        now = NOW + timedelta(minutes=minutes)
        assert tell(settings, [*FULL, *STALE], now)
        assert tell(settings, FULL, now)
    assert len(hook.texts) == 1

    # Not all is well when the one who does not look for backups finds nothing.
    assert tell(settings, WELL, NOW)
    assert len(hook.texts) == 1
    assert tell(settings, [*WELL, *STALE], NOW)
    assert len(hook.texts) == 1
    assert tell(settings, [*WELL, *BACKED_UP], NOW)
    assert "well again" in hook.texts[1]


@pytest.mark.usefixtures("elsewhere")
def test_what_lasts_is_told_each_day_by_whoever_looks_first(tmp_path: Path, hook: Webhook) -> None:
    settings = of(tmp_path, hook)
    for hours in (0, 6, 23.9, 24, 30, 47.9):  # a daily run begins earlier on some days
        assert tell(settings, FULL, NOW + timedelta(hours=hours))
    assert len(hook.texts) == 3


@pytest.mark.usefixtures("elsewhere")
def test_what_nobody_looks_for_any_more_is_forgotten(tmp_path: Path, hook: Webhook) -> None:
    settings = of(tmp_path, hook)
    tell(settings, [*FULL, *STALE], NOW)
    tell(settings, WELL, NOW + timedelta(hours=49))
    assert "well again" in hook.texts[1]


@pytest.mark.usefixtures("elsewhere")
def test_two_who_look_in_the_same_second_tell_once(tmp_path: Path, hook: Webhook) -> None:
    settings = of(tmp_path, hook)
    with ThreadPoolExecutor() as pool:
        assert all(pool.map(lambda _: tell(settings, FULL, NOW), range(4)))
    assert len(hook.texts) == 1
