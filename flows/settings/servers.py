"""The part of the settings about servers of one's own: an object store, a PostgreSQL server."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class S3Settings(BaseModel):
    """An object store that speaks S3."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint_url: str | None = None
    """`http://HOST:PORT` of a store of one's own; empty means AWS."""
    access_key_id: str | None = None
    """Its access key; empty means the keys that AWS's own tools find on this machine."""
    secret_access_key: SecretStr | None = None
    """The secret that belongs to the access key."""
    region: str = "us-east-1"
    """The region of its buckets."""
    runs_bucket: str = Field("kpi-runs", min_length=1)
    """Bucket of the results and the logs of runs."""
    bucket_prefix: str = Field("", pattern=r"^([a-z0-9][a-z0-9.-]*)?$")
    """Put before each bucket's name, where names are shared with others, as on AWS."""

    @field_validator("endpoint_url", "access_key_id", "secret_access_key", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None

    @field_validator("endpoint_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            # Not what was given: people put passwords into addresses.
            message = "it must be http://HOST:PORT or https://HOST"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _keys_come_in_pairs(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            message = (
                "set both KPI_S3__ACCESS_KEY_ID and KPI_S3__SECRET_ACCESS_KEY, or none of them"
            )
            raise ValueError(message)
        return self


class StoreUser(BaseModel):
    """A user of a MinIO of one's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    access_key_id: str
    secret_access_key: SecretStr


class PrepareSettings(BaseModel):
    """What `kpi prepare` creates on servers of one's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin_url: SecretStr | None = None
    """`postgresql://…` of who may create databases and roles there."""
    database_urls: tuple[SecretStr, ...] = ()
    """`postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE` of each database, for the role it is for."""
    mlflow_url: SecretStr | None = None
    """The one among them that is MLflow's, whose tables are brought up to date."""
    reader_url: SecretStr | None = None
    """The same of a role for people: it reads what is published and the quality of it, and changes
    nothing."""
    reader_sees_delivered_text: bool = False
    """Whether it also reads deliveries as they came: `raw`, `staging`, and the cells of rejects."""
    app_url: SecretStr | None = None
    """The same of a role for the app, which reads what its pages show."""
    metrics_url: SecretStr | None = None
    """The same of a role for the metrics, which counts, and reads no user and no cell."""
    store_users: dict[str, StoreUser] = {}
    """Keys of each service (`airflow`, `app`, `backup`, `mlflow`, `runs`) for the object store:
    `{"app": {"access_key_id": …, "secret_access_key": …}}`."""
    store_users_in: Literal["minio", "own"] = "minio"
    """Whether `kpi prepare buckets` makes them as users of MinIO, each of which may do what its
    service needs, or they are made by somebody else."""

    @field_validator(
        "admin_url", "mlflow_url", "reader_url", "app_url", "metrics_url", mode="before"
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None
