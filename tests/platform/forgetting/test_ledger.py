"""The ledger: table and file become equal, and only the key tells who is meant."""

import stat
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from flows.errors import BadInput, KpiError
from flows.platform.forgetting.forgotten import forgotten_people
from flows.platform.forgetting.key import find_key, hash_by, key_file, key_id, make_key
from flows.platform.forgetting.ledger import (
    Line,
    add_line,
    ledger_file,
    lines_in_file,
    lines_in_table,
    make_equal,
)
from flows.platform.warehouse.connection import Connection, transaction
from flows.settings import Settings

KEY = "k" * 32


def remember(settings: Settings, person: str) -> Line:
    key = make_key(settings)
    line = Line(
        person=hash_by(key)(person),
        key_id=key_id(key),
        action="forgotten",
        why="asked for it",
        decided_by="Ana",
        decided_at=datetime.now(UTC),
        finished_at=datetime.now(UTC),
    )
    with transaction(settings, "test") as connection:
        add_line(settings, connection, line)
    return line


def test_nobody_is_forgotten_at_first(settings: Settings, db: Connection) -> None:
    with db.transaction():
        assert forgotten_people(settings, db) is None
    assert not settings.home.exists()


def test_the_key_is_made_once_for_its_owner_alone(settings: Settings) -> None:
    key = make_key(settings)

    assert make_key(settings) == find_key(settings) == key
    assert stat.S_IMODE(key_file(settings).stat().st_mode) == 0o600
    assert [path.name for path in key_file(settings).parent.iterdir()] == ["key"]


def test_a_setting_has_the_key_instead(settings: Settings) -> None:
    named = settings.model_copy(update={"forget_key": SecretStr(KEY)})

    assert make_key(named) == KEY.encode()
    assert not key_file(settings).exists()
    with pytest.raises(BadInput, match=r"KPI_FORGET_KEY.* has fewer than 32 characters"):
        find_key(settings.model_copy(update={"forget_key": SecretStr("short")}))


def test_in_s3_a_key_that_may_be_lost_is_not_made(settings: Settings) -> None:
    with pytest.raises(BadInput, match="set KPI_FORGET_KEY"):
        make_key(settings.model_copy(update={"storage": "s3"}))


def test_table_and_file_hold_the_hash_and_no_id(settings: Settings, db: Connection) -> None:
    line = remember(settings, "47114711")

    assert lines_in_table(db) == lines_in_file(settings) == [line]
    told = f"{db.execute('TABLE dqm.bt_forgotten').fetchall()}{ledger_file(settings).read_text()}"
    assert "47114711" not in told
    assert make_key(settings).decode() not in told
    people = forgotten_people(settings, db)
    assert people is not None
    assert people.among(["47114711", "1"]) == ["47114711"]


def test_a_restored_table_gets_its_lines_again_unfinished(
    settings: Settings, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    remember(settings, "1")
    db.execute("TRUNCATE dqm.bt_forgotten")

    people = forgotten_people(settings, db)

    assert people is not None
    assert people.has("1")
    assert "run `kpi forget --again`" in caplog.text
    (line,) = lines_in_table(db)
    assert line.finished_at is None


def test_a_lost_file_is_written_again(settings: Settings, db: Connection) -> None:
    line = remember(settings, "1")
    ledger_file(settings).unlink()

    assert make_equal(settings, db) == []
    assert lines_in_file(settings) == [line]


def test_without_the_key_nothing_is_taken(settings: Settings, db: Connection) -> None:
    remember(settings, "1")
    another = settings.model_copy(update={"forget_key": SecretStr(KEY)})
    with pytest.raises(KpiError, match="the key that tells who is another one"):
        forgotten_people(another, db)
    key_file(settings).unlink()
    with pytest.raises(KpiError, match="the key that tells who is missing"):
        forgotten_people(settings, db)
