"""Our own steps, measured unchanged."""

from pathlib import Path

from psycopg import sql
from pydantic import SecretStr

from benchmarks.crypto_events.data import WINDOW_PARTITION
from benchmarks.meter import Meter
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import WindowRun
from flows.platform.warehouse.connection import connect
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings

GENERATOR, *_OTHERS = (step.name for step in PIPELINE.steps)
STEPS = tuple(_OTHERS)


def benchmark_settings(
    url: str, home: Path, *, min_rows_per_day: int = 0, window_days: int = 5
) -> Settings:
    """Return settings for a database, whatever a `.env` says."""
    return Settings(
        _env_file=None,
        home=home,
        database_url=SecretStr(url),
        time_zone="UTC",
        webhook_url=None,
        crypto=CryptoSettings(min_rows_per_day=min_rows_per_day, window_days=window_days),
    )


def empty_window(settings: Settings) -> None:
    """Make the next run a first load: nothing is published, and nothing judged."""
    with connect(settings, "benchmark", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(WINDOW_PARTITION))
        connection.execute(
            "TRUNCATE raw.bt_crypto_judged, raw.bt_crypto_judged_days,"
            " raw.bt_crypto_judged_contract, raw.bt_crypto_touched, dqm.bt_crypto_events_vouchers"
        )


def measure_run(
    settings: Settings, meter: Meter, scenario: str, run: WindowRun, steps: tuple[str, ...] = STEPS
) -> None:
    """Measure each step of a run as `<scenario>/<step>`."""
    for step in steps:
        function = PIPELINE.step(step).load()
        with meter.measure(f"{scenario}/{step}"):
            function(settings, run)
