"""Forgetting is killed with -9 at one place after the other; the next one completes it."""

from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows.forgetting.forget import forget
from flows.platform.forgetting.ledger import lines_in_file, lines_in_table
from flows.platform.storage.layout import great_expectations_folder, mlflow_home
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.handmade_models import users
from tests.forgetting.kept import where
from tests.forgetting.traces import USER, Traces
from tests.forgetting.trained import SHAP, examples, kept, train
from tests.operations.killed_process import Place, killed_at

# One process imports what the killed ones are forked from.
pytestmark = pytest.mark.xdist_group("killed_production")

LEDGER_FILE = Place("flows.platform.forgetting.ledger.write_json")
AMONG_MLFLOWS_FILES = Place("flows.platform.tracking.files.TrackedFile.write", after=True, call=2)
# The first is that of MLflow.
WITHIN_A_FILE = Place("pyarrow.parquet.ParquetWriter.write_table", after=True, call=3)
BEFORE_PAGES = Place("flows.platform.quality.great_expectations.build_data_docs")
WITHIN_THE_WAREHOUSE = Place("flows.forgetting.warehouse.execute", after=True, call=9)
BEFORE_VACUUM = Place("flows.forgetting.warehouse.connect")
BEFORE_THE_END = Place("flows.forgetting.forget.finish_line")


def forget_and_die(settings: Settings, place: Place) -> None:
    killed_at(place, partial(forget, settings, str(USER), why="asked for it", by="Ana"))


def unreadable(home: Path) -> list[Path]:
    """Parquet files that people and runs would open, and that are half written."""
    found = []
    for path in home.rglob("*.parquet"):
        try:
            pq.read_table(path)
        except OSError:
            found.append(path)
    return found


def pages(settings: Settings) -> set[Path]:
    return set((great_expectations_folder(settings) / "data_docs").rglob("*.html"))


def test_whatever_is_left_is_done_by_the_next(
    traces: Traces, db: Connection, tmp_path: Path
) -> None:
    settings, home = traces.settings, traces.settings.home
    train(settings, tmp_path / "training", users().replace({"user_id": {2: USER}}))
    store = mlflow_home(settings) / "artifacts"
    everywhere, written = where(home, db, USER), pages(settings)

    forget_and_die(settings, LEDGER_FILE)
    assert where(home, db, USER) == everywhere
    assert len(lines_in_table(db)) == 1
    assert lines_in_file(settings) == []

    forget_and_die(settings, AMONG_MLFLOWS_FILES)
    assert examples(store) == ([], [])
    assert USER in pq.read_table(kept(store, SHAP))["user_id"].to_pylist()
    assert lines_in_file(settings) == lines_in_table(db)

    forget_and_die(settings, WITHIN_A_FILE)
    assert USER not in pq.read_table(kept(store, SHAP))["user_id"].to_pylist()
    assert unreadable(home) == []
    assert any(place.startswith("churn/") for place in where(home, db, USER))

    forget_and_die(settings, BEFORE_PAGES)
    in_tables = {place for place in everywhere if "/" not in place}
    assert where(home, db, USER) == in_tables
    assert pages(settings) < written

    forget_and_die(settings, WITHIN_THE_WAREHOUSE)
    assert where(home, db, USER) == in_tables
    assert pages(settings) == written

    for place in (BEFORE_VACUUM, BEFORE_THE_END, LEDGER_FILE):
        forget_and_die(settings, place)
        assert where(home, db, USER) == set()
    (in_table,), (in_file,) = lines_in_table(db), lines_in_file(settings)
    assert in_table.finished_at is not None
    assert in_file.finished_at is None

    forget(settings, str(USER), why="asked for it", by="Ana")
    (line,) = lines_in_table(db)
    assert lines_in_file(settings) == [line]
    assert unreadable(home) == []
    assert not list(home.rglob(".*.parquet.*"))
