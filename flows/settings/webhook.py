"""Where people are told: all that is read of settings of which another one is wrong."""

from pathlib import Path
from typing import ClassVar

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.settings.check import CheckSettings


class WebhookSettings(BaseSettings):
    """The webhook, and where it is noted what it was told, from where all settings are read."""

    model_config = SettingsConfigDict(
        env_prefix="KPI_", env_file=".env", extra="ignore", frozen=True
    )

    webhook_url: SecretStr | None = None
    home: Path = Path(".kpi")
    # As they are when nothing is set: one of them may be what is wrong.
    check: ClassVar[CheckSettings] = CheckSettings()

    @field_validator("webhook_url", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:  # of a user who has none
            return Path(".kpi").absolute()


def webhook_settings() -> WebhookSettings:
    """Return them, from the environment alone where `.env` is what cannot be read."""
    try:
        return WebhookSettings()
    except ValueError:
        return WebhookSettings(_env_file=None)
