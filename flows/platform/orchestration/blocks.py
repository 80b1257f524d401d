"""Connections as Prefect blocks: registered from settings, read by flows.

Call `configure_prefect` first. Importing Prefect's integrations takes seconds.
"""

from typing import Any

from pydantic import SecretStr

from flows.errors import KpiError
from flows.platform.orchestration.startup.api import prefect_errors
from flows.platform.storage.layout import run_results
from flows.platform.storage.object_store import bucket
from flows.settings import Settings, load_settings
from flows.settings.servers import S3Settings

WAREHOUSE = "kpi-warehouse"
S3 = "kpi-s3"
RESULTS = "kpi-results"
S3_RESULTS = f"s3-bucket/{RESULTS}"

_TRIES = 9
_DRIVER = "postgresql+psycopg"


def apply_blocks(settings: Settings) -> list[str]:
    """Register the blocks for these settings and return their slugs; safe to repeat.

    Raises KpiError without a warehouse, or when Prefect does not answer.
    """
    with prefect_errors():
        slugs = [_save(_warehouse(settings), WAREHOUSE)]
        if settings.storage == "folder":
            slugs.append(_save(_results_folder(settings), RESULTS))
        if settings.storage == "s3" or settings.s3.access_key_id:
            slugs += _save_s3(settings)
        return slugs


def apply_s3_blocks(settings: Settings) -> list[str]:
    """Register only the object store's blocks, needed for results in S3; return their slugs.

    Raises KpiError when Prefect does not answer.
    """
    with prefect_errors():
        return _save_s3(settings)


def warehouse_of_block() -> SecretStr:
    """Return the warehouse's `postgresql://…` URL; raise KpiError when the block is missing."""
    from prefect_sqlalchemy import ConnectionComponents, SqlAlchemyConnector
    from sqlalchemy.engine import make_url

    info = _load(SqlAlchemyConnector, WAREHOUSE).connection_info
    # Prefect's form accepts either type.
    url = info.create_url() if isinstance(info, ConnectionComponents) else make_url(str(info))
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return SecretStr(plain)


def s3_of_block(s3: S3Settings) -> S3Settings:
    """Return `s3` with the block's endpoint and keys; raise KpiError when the block is missing."""
    from prefect_aws import AwsCredentials

    found = _load(AwsCredentials, S3)
    secret = found.aws_secret_access_key
    return s3.model_copy(
        update={
            "endpoint_url": found.aws_client_parameters.endpoint_url,
            "access_key_id": found.aws_access_key_id,
            "secret_access_key": SecretStr(secret.get_secret_value()) if secret else None,
            "region": found.region_name or s3.region,
        }
    )


def require_result_block(settings: Settings) -> None:
    """Raise KpiError when results go to S3 and the block for them is missing."""
    if settings.storage == "s3":
        from prefect_aws.s3 import S3Bucket

        _load(S3Bucket, RESULTS)


def _warehouse(settings: Settings) -> Any:
    from prefect_sqlalchemy import ConnectionComponents, SqlAlchemyConnector
    from psycopg.conninfo import conninfo_to_dict
    from sqlalchemy.engine import make_url

    from flows.platform.warehouse.connection import database_url

    # The driver parses every form of URL; parts without a field in the block go into the query.
    parts = {name: str(part) for name, part in conninfo_to_dict(database_url(settings)).items()}
    one_host = not {",", "/"} & set(parts.get("host", "") + parts.get("port", ""))
    connector = SqlAlchemyConnector(
        connection_info=ConnectionComponents(
            driver=_DRIVER,
            username=parts.pop("user", None),
            password=parts.pop("password", None),
            database=parts.pop("dbname", ""),
            host=parts.pop("host", None) if one_host else None,
            port=parts.pop("port", None) if one_host else None,
            query=parts or None,
        )
    )
    # The block also stores its whole URL, in a field that Prefect shows to everybody.
    connector._rendered_url = make_url(connector._rendered_url.render_as_string())
    return connector


def _results_folder(settings: Settings) -> Any:
    from prefect.filesystems import LocalFileSystem

    return LocalFileSystem(basepath=str(run_results(settings)))


def _save_s3(settings: Settings) -> list[str]:
    from prefect_aws import AwsCredentials
    from prefect_aws.client_parameters import AwsClientParameters
    from prefect_aws.s3 import S3Bucket

    s3 = settings.s3
    secret = s3.secret_access_key
    keys = AwsCredentials(
        aws_access_key_id=s3.access_key_id,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        region_name=s3.region,
        # A run's result is written after all was done: it waits a minute for a store that is away.
        aws_client_parameters=AwsClientParameters(
            endpoint_url=s3.endpoint_url,
            config={"retries": {"mode": "standard", "total_max_attempts": _TRIES}},
        ),
    )
    # Saved first: the buckets refer to it, so new keys are set in one place.
    slugs = [_save(keys, S3)]
    name = bucket(settings, s3.runs_bucket)
    runs = S3Bucket(bucket_name=name, credentials=keys)
    results = S3Bucket(bucket_name=name, bucket_folder="results", credentials=keys)
    return [*slugs, _save(runs, s3.runs_bucket), _save(results, RESULTS)]


def _save(block: Any, name: str) -> str:
    block.save(name, overwrite=True)
    return f"{block.get_block_type_slug()}/{name}"


def _load(kind: Any, name: str) -> Any:
    slug = f"{kind.get_block_type_slug()}/{name}"
    try:
        with prefect_errors():
            return kind.load(name)
    except ValueError as error:
        raise KpiError(
            f"Prefect has no block {slug}. Register it with kpi blocks apply, or set "
            "KPI_CONNECTIONS=environment."
        ) from error


def flow_settings() -> Settings:
    """Return a flow run's settings, with connections from blocks if so configured.

    Raises BadInput for an invalid setting, KpiError when a block is missing.
    """
    return connected(load_settings())


def connected(settings: Settings) -> Settings:
    """Return the settings with the warehouse, and the S3 keys if S3 is used, from blocks.

    Unless `connections` is `blocks`, returns them unchanged. Raises KpiError when a block is
    missing.
    """
    if settings.connections == "environment":
        return settings
    from_blocks: dict[str, object] = {"database_url": warehouse_of_block()}
    if settings.storage == "s3":
        from_blocks["s3"] = s3_of_block(settings.s3)
    return settings.model_copy(update=from_blocks)
