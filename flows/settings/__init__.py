"""The one settings object: environment variables `KPI_…`, then `.env`, then these defaults."""

import re
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from flows.errors import BadInput
from flows.paths import REPOSITORY
from flows.settings.servers import PrepareSettings, S3Settings


class CryptoSettings(BaseModel):
    """What the crypto events pipeline accepts and how it behaves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The contract: read by flows/crypto_events/contract.py, for the suites and for the SQL.
    sites: tuple[str, ...] = Field(("ARGENTINA", "BRASIL", "MEXICO"), min_length=1)
    """Sites that are known."""
    crypto_types: tuple[str, ...] = Field(("BTC", "ETH", "USDC"), min_length=1)
    """Crypto assets that are known."""
    date_format: str = "D/M/YYYY"
    """Form of purchase_date: D or DD, M or MM, YYYY, and one of `/ - .` or a blank between."""
    first_year: int = Field(1900, ge=1, le=9999)
    """First year that counts as a real date."""
    last_year: int = Field(2199, ge=1, le=9999)
    """Last year that counts as a real date."""
    min_user_id: int = 1
    """Smallest user_id."""
    price_integer_digits: int = Field(14, ge=1, le=100)
    """Digits that a price may have before the point."""
    units_integer_digits: int = Field(10, ge=1, le=100)
    """Digits that units may have before the point."""
    number_max_length: int = Field(200, ge=1, le=1000)
    """Characters that a number may have in all."""

    # One run.
    window_days: int = Field(5, ge=1, le=3660)
    """Days that a run rebuilds."""
    min_rows_per_day: int = Field(4, ge=0)
    """Rows up to which the generator tops a day up; 0 switches it off."""
    generator_seed: int = 2026
    """Same seed and day, same fake rows."""
    policy: Literal["abort", "quarantine"] = "abort"
    """What bad rows do: stop the run, or stay out while the rest is published."""
    max_reject_share: float = Field(0.05, ge=0, le=1)
    """Share of bad rows above which quarantine stops the run, too."""

    # Guards of the publication.
    max_deactivation_share: float = Field(0.2, ge=0, le=1)
    """Share of a day's, or the window's, live rows that may vanish before a run stops and asks."""
    deactivation_allowance: int = Field(5, ge=0)
    """So many rows may vanish whatever the share."""

    freshness_hours: float = Field(26, gt=0)
    """Hours after a publication from which the app calls the published data late."""


class ChurnSettings(BaseModel):
    """Where the churn pipelines read, how they train, and what a model must reach."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    # The sources: read by flows/churn/sources/contract.py.
    source: Path = Path("data/churn")
    """Folder of the five CSV files; a relative one counts from this project's folder."""
    date_format: str = "%Y-%m-%d"
    """Form of dates in the files, as strftime writes them."""
    newer_files: Literal["refuse", "leave_out"] = "refuse"
    """What becomes of a file that describes users later than the cutoff, when none was delivered
    before: the run stops, or does without its columns."""
    max_silent_days: int = Field(3, ge=0)
    """Days without any payment before `as_of` after which PAYMENTS counts as incomplete."""

    # Features and labels.
    feature_engine: Literal["duckdb", "spark"] = "duckdb"
    """What builds features: DuckDB on one machine, or Spark when users outgrow it."""
    label_days: int = Field(30, ge=1, le=365)
    """Days without a payment that make a user churned."""
    lookback_days: int = Field(730, ge=30, le=3660)
    """Days up to the cutoff whose payments features read; fewer when PAYMENTS starts later."""
    min_lookback_days: int = Field(60, ge=1, le=3660)
    """Days of payments that features need at the least."""
    drift_snapshots: int = Field(8, ge=1, le=520)
    """Weekly snapshots that the drift reference holds."""

    # Training.
    regularizations: tuple[float, ...] = Field((0.0001, 0.001, 0.01), min_length=1)
    """Values of Spark's regParam that training tries."""
    class_weights_below: float = Field(0.05, ge=0, le=0.5)
    """Share of the rarer class below which training weighs the classes."""
    holdout_share: float = Field(0.3, gt=0, lt=1)
    """Share of users that no model is ever trained on."""
    validation_share: float = Field(0.25, gt=0, lt=1)
    """Share of the other users that choose the regularization."""
    seed: int = 2026
    """Seed of the bootstrap and of samples."""

    # Promotion.
    min_auc: float = Field(0.65, ge=0.5, le=1)
    """Least ROC AUC on the holdout that a model needs for Production."""
    max_calibration_error: float = Field(0.1, ge=0, le=1)
    """Largest mean difference between predicted and observed churn, over tenths of the holdout."""
    min_holdout_rows: int = Field(200, ge=2)
    """Users that the holdout needs."""
    min_class_rows: int = Field(20, ge=1)
    """Churned users, and others, that the holdout needs."""
    promotion_min_delta: float = Field(0.005, ge=0, le=1)
    """ROC AUC by which a candidate must beat Production."""
    bootstrap_rounds: int = Field(500, ge=100, le=100_000)
    """Resamples of the holdout behind the interval of the gain."""
    require_approval: bool = False
    """Whether a promotion waits for a person's answer in Prefect."""
    approval_timeout_seconds: int = Field(86_400, ge=1)
    """How long it waits."""

    # Drift.
    drift_threshold: float = Field(0.1, gt=0)
    """Distance between distributions from which a column drifted."""
    drift_share: float = Field(0.2, gt=0, le=1)
    """Share of drifted columns from which a week counts as drifted."""
    drift_sample: int = Field(25_000, ge=100)
    """Users of each snapshot that the drift report compares."""
    drift_weeks: int = Field(5, ge=1)
    """Weeks that are looked back on for retraining."""
    drift_weeks_to_retrain: int = Field(2, ge=1)
    """Drifted weeks among them, the latest included, that start a training."""

    keep_deliveries: int = Field(10, ge=1)
    """Earlier deliveries of each file about users that are kept, for trainings."""
    keep_runs: int = Field(10, ge=1)
    """Folders of past runs that are kept."""

    @field_validator("source")
    @classmethod
    def _from_the_project(cls, value: Path) -> Path:
        return REPOSITORY / value


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
    patience_seconds: int = Field(600, ge=1)
    """The longest that anything may take to start, on however slow a machine."""
    webhook_url: SecretStr | None = None
    """Receives `{"text": …}` (as Slack does) when a run succeeds or fails."""
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
    app_url: str | None = None
    """Address of the app for people, which shows Data Docs and drift reports; empty: their files
    are linked."""

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
    java_home: Path | None = None
    """Java 17 for Spark; empty means the one installed with this project."""

    crypto: CryptoSettings = CryptoSettings()
    churn: ChurnSettings = ChurnSettings()
    s3: S3Settings = S3Settings()
    prepare: PrepareSettings = PrepareSettings()

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            message = f"{value} names the home folder of a user who has none"
            raise ValueError(message) from error

    @field_validator(
        *("database_url", "webhook_url", "app_url", "mlflow_tracking_uri", "mlflow_ui_url"),
        "java_home",
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

    @field_validator("database_url")
    @classmethod
    def _is_a_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        url = value.get_secret_value()
        try:
            known = url.startswith(("postgresql://", "postgres://")) and conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            known = None
        if not known:
            # Not the driver's words: they would show the password.
            message = (
                "it must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE; signs other than "
                "letters and digits in the password are written as in a URL (@ as %40)"
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
    """Read the settings; a wrong one raises BadInput that names the variable and the rule."""
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
            "Wrong setting. A list among KPI_CRYPTO__… is not written as JSON; "
            'for example KPI_CRYPTO__SITES=["BRASIL", "MEXICO"].'
        ) from None
    except UnicodeDecodeError:
        raise BadInput(
            f"{Path('.env').absolute()} is not UTF-8: save it with that encoding."
        ) from None
