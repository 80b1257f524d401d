"""Settings come from the environment and .env; a wrong one is a sentence that names it."""

import re
from datetime import date
from pathlib import Path

import pytest

from flows.crypto_events.run import plan_run
from flows.errors import BadInput
from flows.settings import load_settings
from flows.settings.servers import S3Settings

HOW_TO_WRITE_A_URL = r"KPI_DATABASE_URL: it must be postgresql://USER:PASSWORD@HOST"


def test_everything_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KPI_HOME")
    settings = load_settings()
    assert settings.home == Path.cwd() / ".kpi"
    assert settings.database_url is None
    assert settings.webhook_url is None
    assert (settings.crypto.policy, settings.crypto.window_days) == ("abort", 5)


def test_the_environment_goes_before_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(
        "KPI_TIME_ZONE=America/Buenos_Aires\n"
        "KPI_CRYPTO__POLICY=quarantine\n"
        'KPI_CRYPTO__SITES=["CHILE"]\n'
        "SOMETHING_ELSE=1\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("KPI_CRYPTO__POLICY", "abort")
    monkeypatch.setenv("KPI_CRYPTO__WINDOW_DAYS", "9")
    settings = load_settings()
    assert settings.time_zone == "America/Buenos_Aires"
    assert settings.crypto.sites == ("CHILE",)
    assert (settings.crypto.policy, settings.crypto.window_days) == ("abort", 9)


def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", "")
    monkeypatch.setenv("KPI_WEBHOOK_URL", "")
    monkeypatch.setenv("KPI_APP_URL", "")
    for name in ("ENDPOINT_URL", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"KPI_S3__{name}", "")
    settings = load_settings()
    assert (settings.database_url, settings.webhook_url, settings.app_url) == (None, None, None)
    assert settings.s3 == S3Settings()


def test_an_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_APP_URL", "https://kpi.example/here/")
    assert load_settings().app_url == "https://kpi.example/here"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("KPI_CRYPTO__POLICY", "x", "KPI_CRYPTO__POLICY: Input should be 'abort' or 'quarantine'"),
        ("KPI_CRYPTO__WINDOW_DAYS", "0", "KPI_CRYPTO__WINDOW_DAYS: .*greater than or equal to 1"),
        ("KPI_CRYPTO__POLICIES", "abort", "KPI_CRYPTO__POLICIES: Extra inputs"),
        ("KPI_CRYPTO__SITES", "[]", "KPI_CRYPTO__SITES: .*at least 1 item"),
        ("KPI_CRYPTO__SITES", "CHILE", r'KPI_CRYPTO__SITES=\["BRASIL", "MEXICO"\]'),
        ("KPI_TIME_ZONE", "Mars", "KPI_TIME_ZONE: 'Mars' is no time zone, for example UTC"),
        ("KPI_TIME_ZONE", "America", "KPI_TIME_ZONE: 'America' is no time zone"),
        ("KPI_TIME_ZONE", "../../etc/passwd", "is no time zone"),
        ("KPI_HOME", "~nobody-has-this-name/kpi", "KPI_HOME: .* home folder of a user"),
        ("KPI_HOME", __file__, rf"KPI_HOME: {re.escape(__file__)} is no folder"),
        ("KPI_HOME", f"{__file__}/kpi", rf"KPI_HOME: {re.escape(__file__)} is no folder"),
        ("KPI_STORAGE", "drawer", "KPI_STORAGE: Input should be 'folder' or 's3'"),
        ("KPI_CONNECTIONS", "x", "KPI_CONNECTIONS: Input should be 'environment' or 'blocks'"),
        ("KPI_S3__ENDPOINT_URL", "me:db-secret@store:9000", "KPI_S3__ENDPOINT_URL: it must be htt"),
        ("KPI_S3__BUCKET_PREFIX", "Ours_", "KPI_S3__BUCKET_PREFIX: String should match pattern"),
        ("KPI_APP_URL", "kpi.example", "KPI_APP_URL: it must be http://HOST:PORT or https://HOST"),
        ("KPI_APP_URL", "https://", "KPI_APP_URL: it must be http://HOST:PORT or https://HOST"),
        ("KPI_S3__RUNS_BUCKET", "", "KPI_S3__RUNS_BUCKET: .*at least 1 character"),
        ("KPI_S3__SECRET_ACCESS_KEY", "db-secret", "KPI_S3: set both KPI_S3__ACCESS_KEY_ID and"),
        ("KPI_DATABASE_URL", "postgres//me:db-secret@host/db", HOW_TO_WRITE_A_URL),
        ("KPI_DATABASE_URL", "postgresql://me:db-secret%zz@host/db", HOW_TO_WRITE_A_URL),
        ("KPI_DATABASE_URL", "host=here password=db-secret", HOW_TO_WRITE_A_URL),
        ("KPI_DATABASE_URL", "mysql://me:db-secret@host/db", HOW_TO_WRITE_A_URL),
    ],
)
def test_a_wrong_setting_is_named(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=sentence) as refused:
        load_settings()
    assert str(refused.value).startswith("Wrong setting. ")
    assert "Value error" not in str(refused.value)
    assert "db-secret" not in str(refused.value)
    assert refused.value.exit_code == 2


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_WORK_MEM_MB", "much")
    monkeypatch.setenv("KPI_TIME_ZONE", "Mars")
    with pytest.raises(BadInput, match=r"KPI_TIME_ZONE: .*KPI_WORK_MEM_MB: "):
        load_settings()


def test_an_env_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    Path(".env").write_bytes("KPI_TIME_ZONE=Espa\xf1a\n".encode("latin-1"))
    with pytest.raises(BadInput, match=rf"{tmp_path}/\.env is not UTF-8"):
        load_settings()


def test_a_folder_in_the_place_of_the_env_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="is a folder, and settings are read from a file"):
        load_settings()


def test_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://me:db-secret@host/db")
    monkeypatch.setenv("KPI_WEBHOOK_URL", "https://hooks.example/db-secret")
    monkeypatch.setenv("KPI_S3__ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("KPI_S3__SECRET_ACCESS_KEY", "db-secret")
    settings = load_settings()
    assert "db-secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://me:db-secret@host/db"


def test_what_a_run_is_not_told_comes_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CRYPTO__POLICY", "quarantine")
    monkeypatch.setenv("KPI_CRYPTO__MAX_REJECT_SHARE", "0.3")
    settings = load_settings()
    by_settings = plan_run(settings, date(2025, 3, 10))
    assert (by_settings.policy, by_settings.max_reject_share) == ("quarantine", 0.3)
    told = plan_run(settings, date(2025, 3, 10), policy="abort", max_reject_share=0)
    assert (told.policy, told.max_reject_share) == ("abort", 0)
