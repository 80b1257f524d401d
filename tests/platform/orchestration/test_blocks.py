"""Connections as Prefect blocks: what is registered is what flows read back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from flows.errors import KpiError
from flows.platform.orchestration.blocks import connected, flow_settings
from flows.settings import Settings
from flows.settings.servers import S3Settings

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

URL = "postgresql://me:p%40ss%2Fw%C3%B6rd@db.example:5433/crypto_db?sslmode=require"
S3 = S3Settings(
    endpoint_url="http://store.example:9000",
    access_key_id="somebody",
    secret_access_key=SecretStr("made-up"),
    region="eu-west-1",
)


def settings_of(url: str = URL, **changes: Any) -> Settings:
    return Settings.model_validate({"home": Path.cwd(), "database_url": url, **changes})


def by_blocks(**changes: Any) -> Settings:
    return Settings.model_validate({"home": Path.cwd(), "connections": "blocks", **changes})


def documents() -> dict[str, Any]:
    """Id and schema of every named block document, by its slug."""

    async def read() -> list[Any]:
        from prefect import get_client

        async with get_client() as client:
            return list(await client.read_block_documents())

    return {f"{found.block_type.slug}/{found.name}": found.id for found in asyncio.run(read())}


def test_what_is_applied_is_read_back() -> None:
    from flows.platform.orchestration.blocks import apply_blocks

    applied = apply_blocks(settings_of(storage="s3", s3=S3))

    assert applied == [
        "sqlalchemy-connector/kpi-warehouse",
        "aws-credentials/kpi-s3",
        "s3-bucket/kpi-runs",
        "s3-bucket/kpi-results",
    ]
    found = connected(by_blocks(storage="s3", s3={"runs_bucket": "others"}))
    assert found.database_url is not None
    assert conninfo_to_dict(found.database_url.get_secret_value()) == conninfo_to_dict(URL)
    assert found.s3 == S3.model_copy(update={"runs_bucket": "others"})


def test_what_prefect_shows_of_them_holds_no_secret() -> None:
    from flows.platform.orchestration.blocks import apply_blocks

    apply_blocks(settings_of("postgresql://me:db-secret@host/db", storage="s3", s3=S3))

    async def shown() -> str:
        from prefect import get_client

        async with get_client() as client:
            return str(await client.read_block_documents(include_secrets=False))

    text = asyncio.run(shown())
    assert "somebody" in text
    assert "db-secret" not in text
    assert "made-up" not in text


def test_applied_again_nothing_changes_and_new_keys_reach_the_buckets() -> None:
    from prefect_aws.s3 import S3Bucket

    from flows.platform.orchestration.blocks import apply_blocks

    first = apply_blocks(settings_of(storage="s3", s3=S3))
    before = documents()
    assert apply_blocks(settings_of(storage="s3", s3=S3)) == first
    assert documents() == before

    apply_blocks(settings_of(storage="s3", s3=S3.model_copy(update={"access_key_id": "other"})))
    assert documents() == before
    assert S3Bucket.load("kpi-results").credentials.aws_access_key_id == "other"


def test_a_prefix_goes_before_the_buckets_name() -> None:
    from prefect_aws.s3 import S3Bucket

    from flows.platform.orchestration.blocks import apply_blocks

    apply_blocks(settings_of(storage="s3", s3=S3.model_copy(update={"bucket_prefix": "ours-"})))
    named = {S3Bucket.load(name).bucket_name for name in ("kpi-runs", "kpi-results")}
    assert named == {"ours-kpi-runs"}


def test_without_s3_results_have_a_folder() -> None:
    from prefect.filesystems import LocalFileSystem

    from flows.platform.orchestration.blocks import apply_blocks

    assert apply_blocks(settings_of()) == [
        "sqlalchemy-connector/kpi-warehouse",
        "local-file-system/kpi-results",
    ]
    folder = Path.cwd() / "artifacts" / "kpi-runs" / "results"
    assert LocalFileSystem.load("kpi-results").basepath == str(folder)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@one:1,two:2/db",
        "postgresql://me:secret@/db?host=/run/postgresql",
        "postgres://me:secret@[::1]:5433/db",
        "postgresql://somewhere",
    ],
)
def test_every_form_of_a_url_comes_back(url: str) -> None:
    from sqlalchemy import create_engine

    from flows.platform.orchestration.blocks import apply_blocks

    apply_blocks(settings_of(url))
    found = connected(by_blocks()).database_url
    assert found is not None
    assert conninfo_to_dict(found.get_secret_value()) == conninfo_to_dict(url)
    # What other users of the block get.
    from prefect_sqlalchemy import SqlAlchemyConnector

    loaded = SqlAlchemyConnector.load("kpi-warehouse").connection_info.create_url()
    _, arguments = create_engine(loaded).dialect.create_connect_args(loaded)
    assert {name: str(value) for name, value in arguments.items() if name != "context"} == (
        conninfo_to_dict(url)
    )


def test_a_url_typed_into_prefects_form_is_read() -> None:
    from prefect_sqlalchemy import SqlAlchemyConnector

    typed = SqlAlchemyConnector(connection_info="postgresql+psycopg://me:s%40@host:5433/db")
    typed.save("kpi-warehouse", overwrite=True)
    found = connected(by_blocks()).database_url
    assert found is not None
    assert found.get_secret_value() == "postgresql://me:s%40@host:5433/db"


def test_the_environment_asks_prefect_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", URL)
    found = flow_settings()
    assert found.database_url == SecretStr(URL)


def test_a_missing_block_is_named() -> None:
    from prefect_sqlalchemy import SqlAlchemyConnector

    from flows.platform.orchestration import blocks

    blocks.apply_blocks(settings_of())
    SqlAlchemyConnector.delete("kpi-warehouse")
    with pytest.raises(KpiError) as missing:
        connected(by_blocks())
    assert str(missing.value) == (
        "Prefect has no block sqlalchemy-connector/kpi-warehouse. Register it with kpi blocks "
        "apply, or set KPI_CONNECTIONS=environment."
    )


def test_results_in_s3_need_their_block() -> None:
    from prefect_aws.s3 import S3Bucket

    from flows.platform.orchestration.blocks import apply_blocks, require_result_block

    settings = settings_of(storage="s3", s3=S3)
    apply_blocks(settings)
    require_result_block(settings)
    S3Bucket.delete("kpi-results")
    require_result_block(settings_of())
    with pytest.raises(KpiError, match="Prefect has no block s3-bucket/kpi-results"):
        require_result_block(settings)
