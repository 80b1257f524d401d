"""`kpi check` tells what must have happened and has not, and stays quiet about the rest."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.churn.sources.contract import SOURCE_FILES
from flows.local.machine import LOOPBACK, free_port
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.observed.rows import looked_at, published
from tests.webhook import Webhook, webhook

Kpi = Callable[..., Any]


@pytest.fixture(autouse=True)
def _enough_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CHECK__DISK_FREE_SHARE", "0")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A webhook that is told."""
    with webhook() as received:
        monkeypatch.setenv("KPI_WEBHOOK_URL", received.url)
        yield received


@pytest.mark.usefixtures("warehouse")
def test_all_is_well(db: Connection, kpi: Kpi, hook: Webhook) -> None:
    published(db, hours_ago=2)
    said = kpi("check")
    assert (said.code, said.err) == (0, "")
    assert {line[:6] for line in said.out.splitlines()} == {"ok    "}
    assert hook.texts == []


@pytest.mark.usefixtures("warehouse")
def test_silence_is_told_once_and_so_is_its_end(db: Connection, kpi: Kpi, hook: Webhook) -> None:
    published(db, hours_ago=30)
    first, second = kpi("check"), kpi("check")
    assert (first.code, second.code) == (1, 1)
    assert first.sentence == "kpi: 1 check failed."
    [told] = hook.texts
    assert "crypto_events: the last success is of" in told
    assert "more than 26 hours ago" in told

    published(db, hours_ago=0)
    assert kpi("check").code == 0
    assert kpi("check").code == 0
    assert len(hook.texts) == 2
    assert "well again" in hook.texts[1]


@pytest.mark.usefixtures("warehouse")
def test_what_lasts_is_told_again(kpi: Kpi, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CHECK__AGAIN_HOURS", "1e-9")
    assert (kpi("check").code, kpi("check").code) == (1, 1)
    assert len(hook.texts) == 2
    assert "crypto_events has never succeeded" in hook.texts[0]


@pytest.mark.usefixtures("warehouse")
def test_a_pipeline_that_never_ran_is_missed_only_where_it_is_expected(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    assert kpi("check").code == 0
    monkeypatch.setenv("KPI_CHECK__PIPELINES", '["churn_scoring", "churn_training"]')
    said = kpi("check", "--format", "json")
    assert said.code == 1
    assert [one["subject"] for one in json.loads(said.out) if not one["ok"]] == [
        "churn_scoring",
        "churn_training",
    ]


@pytest.mark.usefixtures("warehouse")
def test_a_delivery_that_is_due_is_missed(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    monkeypatch.setenv("KPI_CHECK__DELIVERY_HOURS", "24")
    assert "ask who delivers" in kpi("check").out
    db.execute(
        "INSERT INTO raw.deliveries (source_name, mode, rows_loaded, rows_replaced)"
        " VALUES ('x', 'append', 1, 0)"
    )
    assert kpi("check").code == 0


@pytest.mark.usefixtures("warehouse")
def test_a_churn_file_that_stops_is_missed(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    now = datetime.now(UTC)
    names = [file.name for file in SOURCE_FILES]
    before = dict.fromkeys(names, "a")
    looked_at(db, (now - timedelta(hours=48)).isoformat(), **before)
    looked_at(db, (now - timedelta(hours=1)).isoformat(), **before)
    assert kpi("check").code == 0

    monkeypatch.setenv("KPI_CHECK__CHURN_DELIVERY_HOURS", "24")
    assert kpi("check").out.count("and one is due every 24 hours: ask who delivers") == len(names)
    after = dict.fromkeys(names, "b") | {"PAYMENTS": "a"}
    looked_at(db, now.isoformat(), **after)
    said = kpi("check")
    assert said.code == 1
    assert said.out.count("ask who delivers") == 1
    assert "the last delivery of PAYMENTS.csv is of" in said.out


@pytest.mark.usefixtures("warehouse")
def test_a_forgetting_that_was_cut_short_is_told(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    db.execute(
        "INSERT INTO dqm.bt_forgotten"
        " (line_id, person, key_id, action, why, decided_by, decided_at)"
        " VALUES (gen_random_uuid(), repeat('a', 64), repeat('a', 16), 'forgotten', 'asked', 'me',"
        " now() - interval '2 hours')"
    )
    said = kpi("check")
    assert said.code == 1
    assert "1 forgetting of a person unfinished" in said.out
    assert "run kpi forget --again" in said.out
    monkeypatch.setenv("KPI_CHECK__FORGETTING_HOURS", "24")
    assert kpi("check").code == 0


@pytest.mark.usefixtures("warehouse")
def test_retention_that_was_due_is_missed(db: Connection, kpi: Kpi) -> None:
    published(db, hours_ago=1)
    db.execute(
        "INSERT INTO dqm.prunings"
        " (run_id, place, mode, as_of, kept_from, rows, files, bytes, pruned_at)"
        " VALUES ('r', 'Prefect artifacts', 'prune', current_date, current_date, 0, 0, 0,"
        " now() - interval '30 hours')"
    )
    assert "retention: the last success is of" in kpi("check").out


@pytest.mark.usefixtures("warehouse")
def test_a_backup_is_stale_or_has_never_ended_well(
    db: Connection, kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    file = tmp_path / "backed-up"
    monkeypatch.setenv("KPI_CHECK__BACKUP_FILE", str(file))
    assert "no backup has ever ended well" in kpi("check").out
    file.touch()
    assert kpi("check").code == 0
    before = (datetime.now(UTC) - timedelta(hours=30)).timestamp()
    os.utime(file, (before, before))
    assert "more than 26 hours ago: look at the backup's log" in kpi("check").out


@pytest.mark.usefixtures("warehouse")
def test_a_disk_that_fills_is_told(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(db, hours_ago=1)
    monkeypatch.setenv("KPI_CHECK__DISK_FREE_SHARE", "0.9999")
    said = kpi("check")
    assert said.code == 1
    assert "make room before runs end for want of it" in said.out


def test_a_warehouse_that_is_away_is_told_once(
    kpi: Kpi, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", f"postgresql://kpi:s3cret@{LOOPBACK}:{free_port()}/kpi")
    monkeypatch.setenv("KPI_CHECK__DELIVERY_HOURS", "24")
    said = kpi("check")
    assert said.code == 1
    [told] = hook.texts
    assert told.count("The warehouse does not answer") == 1
    assert said.out.count("The warehouse does not answer") == 1
    assert said.sentence == "kpi: 3 checks failed."
    assert "s3cret" not in told + said.out


@pytest.mark.usefixtures("warehouse")
def test_a_webhook_that_refuses_is_told_by_the_exit_code_and_asked_again(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook(status=500) as deaf:
        monkeypatch.setenv("KPI_WEBHOOK_URL", deaf.url)
        said = kpi("check")
        assert "The webhook did not take the message" in said.sentence
        kpi("check")
        assert len(deaf.texts) == 2


@pytest.mark.usefixtures("warehouse")
def test_a_wrong_setting_is_told_once_and_so_is_its_end(
    db: Connection, kpi: Kpi, hook: Webhook
) -> None:
    published(db, hours_ago=1)
    with pytest.MonkeyPatch.context() as wrong:
        wrong.setenv("KPI_CHECK__DAILY_HOURS", "s3cret")
        for _ in range(2):
            said = kpi("check")
            assert said.code == 2
            assert said.sentence.startswith("kpi: Wrong setting. KPI_CHECK__DAILY_HOURS: ")
        [told] = hook.texts
        assert "nothing is looked at, for a setting is wrong: " in told
        assert "KPI_CHECK__DAILY_HOURS: Input should be a valid number" in told
        assert "s3cret" not in told

    assert kpi("check").code == 0
    assert "well again" in hook.texts[1]
    assert len(hook.texts) == 2


def test_settings_that_cannot_be_read_at_all_are_told(
    kpi: Kpi, hook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"KPI_TIME_ZONE=\xff\xfe")
    assert kpi("check").code == 2
    (tmp_path / ".env").unlink()
    monkeypatch.setenv("KPI_HOME", "~nobody-of-this-name/kpi")
    assert kpi("check").code == 2
    first, second = hook.texts
    assert "is not UTF-8: save it with that encoding" in first
    assert "KPI_HOME: ~nobody-of-this-name/kpi names the home folder" in second
    assert not (tmp_path / "~nobody-of-this-name").exists()


@pytest.mark.parametrize("deaf", [True, False])
def test_a_wrong_setting_that_nobody_can_be_told_is_in_the_exit_code(
    deaf: bool, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_PATIENCE_SECONDS", "soon")
    with webhook(status=500) as hook:
        if deaf:
            monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        said = kpi("check")
    assert said.code == 2
    assert ("The webhook did not take the message" in said.sentence) == deaf


def test_a_database_without_tables_has_run_nothing(
    kpi: Kpi, settings: Settings, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.database_url
    db.execute("DROP SCHEMA dqm CASCADE")
    monkeypatch.setenv("KPI_DATABASE_URL", settings.database_url.get_secret_value())
    assert "lacks tables of ours: nothing has run since it was made" in kpi("check").out
