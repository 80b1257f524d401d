"""Where people are told: all that is read of settings of which another one is wrong."""

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebhookSettings(BaseSettings):
    """The webhook alone, from where all settings are read."""

    model_config = SettingsConfigDict(
        env_prefix="KPI_", env_file=".env", extra="ignore", frozen=True
    )

    webhook_url: SecretStr | None = None

    @field_validator("webhook_url", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None
