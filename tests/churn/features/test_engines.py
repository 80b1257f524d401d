"""DuckDB and Spark make the same features, to the last row and value."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot, snapshot
from flows.churn.folders import drift_history
from flows.churn.planning import plan_snapshot
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.platform.compute.spark import stop_spark
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.campaigns.test_contacted import contact
from tests.churn.churn_files import deliver
from tests.churn.features.churn_features import (
    earlier_features,
    feature_frame,
    features,
    make_features,
)
from tests.churn.handmade_models import with_churn

# What an orchestrator calls a run, and a home with a blank: both end up in Spark's addresses.
RUN_ID = "manual__2026-06-30T00:00:00+00:00"

NOT_COMPILED = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}

# Spark compiles as for many users; that Java optimizes what it compiled would cost more than all.
pytestmark = [
    pytest.mark.long,
    pytest.mark.xdist_group("spark"),
    pytest.mark.usefixtures("short_lived_java"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where Spark writes, whichever test it is; at the end the session is stopped."""
    yield tmp_path_factory.mktemp("home of engines") / "a 100% home"
    stop_spark()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand made-up users, with cells missing, and a few odd ones."""
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=1_000, seed=11)
    with (folder / "DINERO_CUENTA.csv").open("a") as file:
        file.write("-5,-0.01,,\n9000000000000000000,99999999999999.9999,0.0001,Warmup\n")
    with (folder / "DEMOGRAFICOS.csv").open("a") as file:
        file.write("-5,,,,\n-6,0,M,NONE,\n")
    with (folder / "PAYMENTS.csv").open("a") as file:
        file.write("2026-05-31,,-5,0.0001,,0\n2026-05-31,1,-5,99999999999999.9999,instore,0.0003\n")
    return folder


def made_by(
    engine: str, home: Path, source: Path, others: dict[str, Any] | None = None, **churn: Any
) -> tuple[Settings, ChurnRun, Any]:
    churn = {"feature_engine": engine, **churn}
    content = {"home": home / engine, "churn": churn, **(others or {})}
    settings = Settings.model_validate(content)
    run, table = make_features(settings, source, AS_OF, RUN_ID)
    return settings, run, table


def assert_both_engines_agree(home: Path, source: Path, **churn: Any) -> pd.DataFrame:
    duck, duck_run, duck_table = made_by("duckdb", home, source, **churn)
    spark, spark_run, spark_table = made_by("spark", home, source, **churn)
    for where in (features, earlier_features):
        pd.testing.assert_frame_equal(
            feature_frame(duck, duck_run, where),
            feature_frame(spark, spark_run, where),
            check_exact=True,
            check_dtype=False,  # an engine chooses how many bits a 0 or 1 has
        )
    assert duck_table == spark_table
    return feature_frame(spark, spark_run)


def test_campaigns_leave_out_and_weigh_the_same_users(
    settings: Settings, db: Connection, home: Path, source: Path
) -> None:
    users = pd.read_csv(source / "PAYMENTS.csv")["CUS_CUST_ID_BUY"].unique()[:40].tolist()
    contact(db, settings, users[:30], users[30:])
    made = {}
    for engine in ("duckdb", "spark"):
        own = with_churn(settings, feature_engine=engine).model_copy(
            update={"home": home / f"campaigns by {engine}"}
        )
        run, table = make_features(own, source, AS_OF)
        (kept,) = drift_history(own).glob("*/*.parquet")
        made[engine] = (
            feature_frame(own, run),
            pd.read_parquet(kept).set_index("user_id").sort_index(),
            table,
        )
    (ours, ours_kept, table), (theirs, theirs_kept, other) = made.values()
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True, check_dtype=False)
    pd.testing.assert_frame_equal(ours_kept, theirs_kept, check_exact=True, check_dtype=False)
    assert table == other
    assert sorted(ours["weight"])[-11:] == pytest.approx([1, *[4] * 10])
    assert len(ours_kept) == len(ours) + 30


def test_every_value_is_the_same(home: Path, source: Path) -> None:
    frame = assert_both_engines_agree(home, source)
    assert len(frame) == 1_003
    assert frame.isna().any().any()
    assert frame.index.is_monotonic_increasing


def test_snapshots_are_the_same(home: Path, source: Path) -> None:
    """DuckDB makes them by parts of the users, Spark at once."""
    made = []
    for engine in ("duckdb", "spark"):
        settings = Settings.model_validate(
            {"home": home / engine, "churn": {"feature_engine": engine}}
        )
        run = plan_snapshot(settings, AS_OF, source=source, run_id=RUN_ID)
        build_current_snapshot(settings, run)
        made.append(pd.read_parquet(snapshot(settings, run)))
    pd.testing.assert_frame_equal(*made, check_exact=True, check_dtype=False)


def test_with_files_that_are_left_out(home: Path, source: Path, tmp_path: Path) -> None:
    days = {"ACTIVE_USER": "2026-06-30", "DINERO_CUENTA": "2026-06-30"}
    folder = deliver(tmp_path, true_as_of=days)
    for file in source.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    choices = {"newer_files": "leave_out", "lookback_days": 45}
    frame = assert_both_engines_agree(home / "that knows no earlier file", folder, **choices)
    assert frame[["mau_mp_1", "login_recency_days", "has_investment"]].isna().all(axis=None)
    assert frame["frequency_ml"].notna().any()


def test_spark_replaces_what_an_earlier_attempt_left(home: Path, tmp_path: Path) -> None:
    source = deliver(tmp_path)
    # To compile queries costs more than all: that is for values, and these are about folders.
    plain = {"spark_options": NOT_COMPILED}
    settings, run, _ = made_by("spark", home, source, plain)
    before = feature_frame(settings, run)
    again, run, _ = made_by("spark", home, source, plain)
    pd.testing.assert_frame_equal(before, feature_frame(again, run))
    assert [path.name for path in features(again, run).parent.glob(".*")] == []
