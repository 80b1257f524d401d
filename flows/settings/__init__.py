"""The one settings object: environment variables `KPI_…`, then `.env`, then these defaults."""

import os
import re
from contextlib import suppress
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from flows.environment import check_certificates
from flows.errors import BadInput
from flows.settings.check import CheckSettings
from flows.settings.churn import ChurnSettings
from flows.settings.crypto_events import CryptoSettings
from flows.settings.retention import RetentionSettings
from flows.settings.servers import PrepareSettings, S3Settings

_SECRET_OPTION = re.compile(r"secret|password|token|access\.key", re.IGNORECASE)


class Settings(BaseSettings):
    """Everything that differs between a laptop, the compose stack and a hosted machine."""

    model_config = SettingsConfigDict(
        env_prefix="KPI_",
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    home: Path = Path(".kpi")
    """Folder for everything that is written: embedded server, artifacts, Prefect's own state."""
    database_url: SecretStr | None = None
    """`postgresql://…` of the warehouse; empty means the embedded server under `KPI_HOME`."""
    time_zone: str = "UTC"
    """Decides which day it is, and on which day a row arrived."""
    statement_timeout_seconds: int = Field(3600, ge=1)
    """The longest that one statement may take."""
    lock_timeout_seconds: int = Field(60, ge=1)
    """The longest that a statement waits for another transaction."""
    work_mem_mb: int = Field(256, ge=4)
    """Memory that PostgreSQL may use for one sort or hash."""
    duckdb_memory_mb: int = Field(1024, ge=64)
    """Memory that DuckDB may use in each process, for files; what does not fit goes to files under
    `KPI_HOME`."""
    duckdb_threads: int = Field(0, ge=0)
    """Processors that it uses there, each of which takes memory; 0 means all."""
    upload_rows: int = Field(100_000, ge=1)
    """The most users of one file that the app scores; `server.maxUploadSize` of Streamlit limits
    its megabytes."""
    upload_patience_seconds: int = Field(120, ge=1)
    """The longest that an uploaded file waits while the app scores other ones."""
    patience_seconds: int = Field(600, ge=1)
    """The longest that anything may take to start, on however slow a machine, or to come back."""
    webhook_url: SecretStr | None = None
    """Receives `{"text": …}` (as Slack does) when a run succeeds or fails."""
    log_format: Literal["text", "json"] = "text"
    """How log lines of runs look: for people, or one JSON object a line for a collector."""
    forget_key: SecretStr | None = None
    """Secret that hashes forgotten people's ids, the same wherever deliveries are stored; empty
    means `forgotten/key` under `KPI_HOME`, made by the first `kpi forget` with the embedded
    server."""
    storage: Literal["folder", "s3"] = "folder"
    """Where results and logs of runs, Data Docs and drift reports are kept: under `KPI_HOME`, or
    in buckets."""
    connections: Literal["environment", "blocks"] = "environment"
    """Where flows find warehouse and S3: in these variables, or in blocks (`kpi blocks apply`)."""
    event_listener: Literal["prefect", "caller"] = "prefect"
    """Who starts a training when files changed or drift lasts: triggers of the Prefect server, or
    whoever calls the step, as Airflow does."""
    data_docs_results: int = Field(20, ge=1)
    """How many validation results Data Docs list, newest first."""
    data_docs_samples: int = Field(20, ge=0)
    """How many bad cells a failed check shows in Data Docs, which the app shows to who opens it; 0
    shows none."""
    app_commands: Literal["kpi", "make"] = "kpi"
    """How the app calls what starts runs: `kpi …`, or `make …` for the platform in containers."""
    app_url: str | None = None
    """Address of the app for people, which shows Data Docs and drift reports; empty: their files
    are linked."""
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    """Names that the app, Prefect, the metrics and the local MLflow are served under, beside those
    of their addresses for people: requests for another host are refused."""

    prefect_database_url: SecretStr | None = None
    """`postgresql://…` of Prefect's database, from which retention removes old logs, `kpi forget`
    people; `kpi up` sets it. Empty: this platform's server does so, or it is the file under
    `KPI_HOME`."""
    prefect_work_pool_type: Literal["process", "docker", "kubernetes"] = "process"
    """What a worker of Prefect makes of a run: a process beside it, a container, or a job of
    Kubernetes; `kpi deploy` makes the work pool so."""
    prefect_job_template: Path | None = None
    """File of the work pool's base job template; empty means that of `deployments/work_pools` for
    the type, and Prefect's own for processes."""
    mlflow_tracking_uri: str | None = None
    """MLflow's address; empty means a database and artifacts under `KPI_HOME`."""
    mlflow_ui_url: str | None = None
    """MLflow's address for people, where it is another one; links lead there."""
    spark_master_url: str = Field(
        "local[*]", validation_alias=AliasChoices("KPI_SPARK_MASTER_URL", "SPARK_MASTER_URL")
    )
    """Spark's master: `local[*]`, or a cluster's `spark://HOST:7077` (also `SPARK_MASTER_URL`)."""
    spark_executor_memory: str = Field("1g", pattern=r"^\d+[mg]$")
    """Memory of each executor on a cluster; a worker with less gives none."""
    spark_authenticate: bool = False
    """Whether a cluster asks for a secret, which Spark takes from `_SPARK_AUTH_SECRET`."""
    spark_driver_by_name: bool = False
    """Whether a cluster's executors find a run by its machine's name, on any of the machine's
    networks; otherwise by the one address that Spark chooses."""
    spark_driver_host: str | None = None
    """Address at which executors find a run, whatever `KPI_SPARK_DRIVER_BY_NAME` says."""
    spark_driver_port: int = Field(0, ge=0, le=65535)
    """Port at which they find it, for a firewall to let through; 0: any."""
    spark_block_manager_port: int = Field(0, ge=0, le=65535)
    """Port of a run and of its executors for blocks of data; 0: any."""
    spark_max_executors: int = Field(0, ge=0)
    """The most executors that a cluster gives a run, which takes and returns them as it needs; 0:
    those that the cluster gives at first stay."""
    spark_shared_storage: str | None = Field(None, pattern=r"^[a-z][a-z0-9+.-]*://[^@?#]+$")
    """Folder that a run and a cluster's executors both reach, such as `s3a://BUCKET/spark` or
    `hdfs:///kpi`; empty: they share `KPI_HOME`."""
    spark_s3a_jars: Path | None = None
    """Folder with the jars that lead Spark to `s3a://`, which a run brings to its executors; our
    images have one. Those of Spark itself, or of `KPI_SPARK_OPTIONS`, are taken instead."""
    spark_options: dict[str, str] = {}
    """Further options of Spark as JSON: `{"spark.kubernetes.container.image": …}`; no secrets,
    because they are seen in the list of processes."""
    spark_hadoop_conf: Path | None = None
    """Folder of Hadoop's `…-site.xml`, which the master `yarn` needs."""
    java_home: Path | None = None
    """Java 17 for Spark; empty means the one installed with this project."""

    crypto: CryptoSettings = Field(default_factory=CryptoSettings)
    churn: ChurnSettings = Field(default_factory=ChurnSettings)
    retention: RetentionSettings = RetentionSettings()
    s3: S3Settings = S3Settings()
    check: CheckSettings = CheckSettings()
    prepare: PrepareSettings = PrepareSettings()

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            home = value.expanduser().absolute()
        except RuntimeError as error:
            message = f"{value} names the home folder of a user who has none"
            raise ValueError(message) from error
        # Here, before each command meets it in another place.
        there = next(path for path in (home, *home.parents) if os.path.lexists(path))
        with suppress(PermissionError):  # told by who needs the folder
            if not there.is_dir():
                message = f"{there} is no folder"
                raise ValueError(message)
        return home

    @field_validator(
        *("database_url", "prefect_database_url", "webhook_url", "forget_key", "app_url"),
        *("mlflow_tracking_uri", "mlflow_ui_url", "java_home"),
        *("spark_driver_host", "spark_shared_storage", "spark_hadoop_conf"),
        "prefect_job_template",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None

    @field_validator("app_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.match(r"https?://[^/\s]", value):
            message = "it must be http://HOST:PORT or https://HOST"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("database_url", "prefect_database_url")
    @classmethod
    def _is_a_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        # The driver takes long to load, and there may be no URL.
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        url = value.get_secret_value()
        try:
            known = url.startswith(("postgresql://", "postgres://")) and conninfo_to_dict(url)
        except ProgrammingError:
            known = None
        if not known:
            # Not the driver's words: they would show the password.
            message = (
                "it must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE; signs other than "
                "letters and digits in the password are written as in a URL (@ as %40)"
            )
            raise ValueError(message)
        return value

    @field_validator("spark_options")
    @classmethod
    def _are_public_options_of_spark(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not name.startswith("spark."):
                message = f"{name!r} is no option of Spark: they begin with spark."
                raise ValueError(message)
            if _SECRET_OPTION.search(name):
                message = (
                    f"{name!r} is a secret, and options are seen in the list of processes: "
                    "give it to Spark by a file or a role"
                )
                raise ValueError(message)
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"{value!r} is no time zone, for example UTC or America/Buenos_Aires"
            raise ValueError(message) from error
        return value

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone as an object."""
        return ZoneInfo(self.time_zone)


def load_settings() -> Settings:
    """Read the settings; a wrong one raises BadInput that names the variable and the rule.

    So does a variable of other programs that would break whatever comes next.
    """
    check_certificates()
    if Path(".env").is_dir():
        # Taken for no file at all, it would let a run write into a warehouse of its own.
        raise BadInput(
            f"{Path('.env').absolute()} is a folder, and settings are read from a file: Docker "
            "makes a folder where the file is missing that is to be mounted."
        )
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"KPI_{'__'.join(str(part) for part in item['loc']).upper()}: "
            f"{item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        )
        raise BadInput(f"Wrong setting. {problems}.") from None
    except SettingsError:
        raise BadInput(
            "Wrong setting. A list among KPI_… is not written as JSON; "
            'for example KPI_CRYPTO__SITES=["BRASIL", "MEXICO"].'
        ) from None
    except UnicodeDecodeError:
        raise BadInput(
            f"{Path('.env').absolute()} is not UTF-8: save it with that encoding."
        ) from None
