"""The settings of `kpi check`: what must have happened, and by when."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator


class CheckSettings(BaseModel):
    """Limits, after which silence is told; what is empty is not looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pipelines: tuple[str, ...] = ("crypto_events",)
    """Pipelines that must have succeeded; others are only looked at once they have."""
    daily_hours: float = Field(26, gt=0)
    """Hours after which a daily pipeline counts as missing: crypto_events, churn_watchdog,
    retention."""
    weekly_hours: float = Field(192, gt=0)
    """Hours after which a weekly pipeline counts as missing: churn_scoring, churn_drift_monitor."""
    delivery_hours: float | None = Field(None, gt=0)
    """Hours within which somebody must have delivered crypto events."""
    churn_delivery_hours: float | None = Field(None, gt=0)
    """Hours within which each of the five churn files must have changed, as churn_watchdog saw."""
    backup_file: Path | None = None
    """File that each backup touches when it is whole."""
    backup_hours: float = Field(26, gt=0)
    """Hours after which that backup is stale."""
    forgetting_hours: float = Field(1, gt=0)
    """Hours after which a person's forgetting that has not come to its end is told."""
    disk_free_share: float = Field(0.1, ge=0, lt=1)
    """Share of the home's disk that must be free."""
    worker_seconds: float = Field(300, gt=0)
    """Seconds within which a Prefect worker must have been heard of, where there is a server."""
    workers: int = Field(1, ge=0)
    """Prefect workers that must have been heard of by then: one at least, wherever they run."""
    certificate: str | None = Field(None, pattern=r"^[^/@\s:]+(:\d+)?$")
    """HOST or HOST:PORT whose certificate must not end soon."""
    certificate_days: float = Field(14, gt=0)
    """Days that it must still be valid."""
    again_hours: float = Field(24, gt=0)
    """Hours after which what is still missing is told again."""

    @field_validator(
        *("delivery_hours", "churn_delivery_hours", "backup_file", "certificate"), mode="before"
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None
