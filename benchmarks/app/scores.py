"""A warehouse of its own with many scores, as the app finds them after `kpi score`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pydantic import SecretStr

from benchmarks.server import benchmark_server
from flows.churn.model.score_users import create_month
from flows.platform.warehouse.connection import connect, execute
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

_DAY = date(2026, 6, 30)
_MOST_GROUPS = 200


@contextmanager
def many_scores(folder: Path, scores: int) -> Iterator[Settings]:
    """Yield settings of a server below the folder that has so many scores, and nothing else."""
    with benchmark_server(folder) as server:
        settings = Settings(home=folder / "kpi", database_url=SecretStr(server.url("postgres")))
        migrate(settings)
        create_month(settings, _DAY)
        with connect(settings, "benchmark fill", autocommit=True) as connection:
            execute(connection, "benchmarks/fill_scores.sql", {"as_of": _DAY, "scores": scores})
            groups = {"as_of": _DAY, "most": _MOST_GROUPS}
            execute(connection, "churn/model/keep_groups.sql", groups)
            connection.execute("VACUUM (ANALYZE)")
        yield settings
