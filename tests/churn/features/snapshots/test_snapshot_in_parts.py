"""A snapshot of many users is made a part after the other, and says the same."""

from pathlib import Path

import pandas as pd
import pytest

from flows.churn.features import engines
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot, snapshot
from flows.churn.planning import plan_snapshot
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.settings import Settings

USERS = 1_000


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up users, a few of whom one file alone knows, or whose ids are far from the others."""
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=USERS, seed=11)
    with (folder / "DINERO_CUENTA.csv").open("a") as file:
        file.write("-5,-0.01,,\n9000000000000000000,99999999999999.9999,0.0001,Warmup\n")
    with (folder / "PAYMENTS.csv").open("a") as file:
        file.write("2026-06-29,,-5,0.0001,,0\n2026-06-30,1,9000000000000000000,3,instore,0\n")
    return folder


def made(settings: Settings, source: Path) -> tuple[pd.DataFrame, list[str]]:
    """The snapshot, and the names of its files."""
    run = plan_snapshot(settings, AS_OF, source=source)
    assert build_current_snapshot(settings, run).users == USERS + 2
    folder = snapshot(settings, run)
    return pd.read_parquet(folder), sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize(
    ("users_at_once", "most_parts", "parts"),
    [(400, 8, 3), (USERS + 2, 8, 1), (1, 5, 5)],
    ids=["three parts", "all at once", "no more parts than that"],
)
def test_parts_make_the_same_snapshot(
    churn_settings: Settings,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    users_at_once: int,
    most_parts: int,
    parts: int,
) -> None:
    whole, names = made(churn_settings, source)
    assert names == ["part-00000.parquet"]
    assert whole["user_id"].is_monotonic_increasing
    first, *_, last = whole[["user_id", "payments_last_7d"]].itertuples(index=False)
    assert (tuple(first), tuple(last)) == ((-5, 1), (9000000000000000000, 1))

    monkeypatch.setattr(engines, "_USERS_AT_ONCE", users_at_once)
    monkeypatch.setattr(engines, "_MOST_PARTS", most_parts)
    in_parts, names = made(churn_settings, source)

    assert names == [f"part-{number:05d}.parquet" for number in range(parts)]
    pd.testing.assert_frame_equal(in_parts, whole, check_exact=True)
