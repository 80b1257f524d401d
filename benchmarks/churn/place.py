"""Where a size's files are, and the run that all engines' features belong to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flows.churn.features.feature_engineering import features
from flows.churn.planning import plan_training
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.churn.sources.contract import SOURCE_FILES, SourceFile
from flows.settings import Settings
from flows.settings.churn import ChurnSettings

SEED = 2026
CUTOFF = AS_OF - timedelta(days=30)
LOOKBACK_DAYS = 120  # of the 180 days delivered, what is known one label window earlier, too


@dataclass(frozen=True)
class Place:
    """The folder of one size: the delivery, our home, and the other engines' output."""

    root: Path

    @property
    def delivery(self) -> Path:
        """Folder of the five CSV files."""
        return self.root / "delivery"

    def settings(self, engine: str = "duckdb") -> Settings:
        """Return settings for this folder only, whatever a `.env` says."""
        churn = ChurnSettings.model_validate({"feature_engine": engine, "keep_runs": 100})
        return Settings(_env_file=None, home=self.root / "home", time_zone="UTC", churn=churn)

    def run(self, name: str = "ours") -> ChurnRun:
        """Return the training run of that name."""
        return plan_training(self.settings(), AS_OF, source=self.delivery, run_id=name)

    def table(self, who: str) -> Path:
        """Return the Parquet file with an engine's result; ours is a folder."""
        if who.startswith("ours"):
            return features(self.settings(), self.run(who))
        return self.root / f"{who}.parquet"


def deliver(place: Place, users: int) -> dict[str, int]:
    """Write the synthetic delivery, and return the row count of each file."""
    return write_sample_data(place.delivery, users=users, seed=SEED, as_of=AS_OF).rows


def about_users() -> Iterator[SourceFile]:
    """Yield the files with one row per user."""
    yield from (file for file in SOURCE_FILES if file.describes_users)
