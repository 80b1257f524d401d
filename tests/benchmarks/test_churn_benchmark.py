"""The churn benchmark at a tiny size: what it reports, never how long anything took."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.churn import work
from benchmarks.churn.__main__ import main
from benchmarks.churn.compare import check_same
from benchmarks.churn.place import Place
from flows.churn.features.definitions import FEATURE_NAMES
from flows.errors import KpiError

USERS = 1_000

pytestmark = pytest.mark.xdist_group("benchmarks")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, short_lived_java: None) -> dict[str, Any]:
    """What one benchmark wrote. It raises when somebody's features differ from ours."""
    output = tmp_path_factory.mktemp("benchmark")
    main([f"--users={USERS}", "--repetitions=1", f"--output={output}"])
    assert [path.name for path in output.iterdir()] == ["churn.json"]
    result: dict[str, Any] = json.loads((output / "churn.json").read_text())
    return result


def test_everybody_is_measured(report: dict[str, Any]) -> None:
    (size,) = report["sizes"]
    assert size["users"] == size["rows"]["ACTIVE_USER"] == USERS
    expected = {work.FLOOR, work.CLEAN, work.STEP, work.BOTH, work.QUERY, work.QUERY_FROM_CSV}
    assert set(size["typical"]) == {*expected, work.SPARK, *work.RIVALS, *work.TRAINING}
    for outcomes in size["outcomes"].values():
        assert len(outcomes) == 1
        assert outcomes[0]["wall"] > 0
        assert outcomes[0]["peak_memory_mb"] > 0


def test_every_value_of_everybody_is_compared(report: dict[str, Any]) -> None:
    agreements = report["sizes"][0]["agreements"]
    assert set(agreements) == {*work.RIVALS, "ours with Spark"}
    for found in agreements.values():
        assert found["users"] == USERS
        assert found["values"] == USERS * (len(FEATURE_NAMES) - len(found["missing"]) + 1)
        assert len(found["missing"]) < len(FEATURE_NAMES) / 2
        assert found["largest_difference"] <= 1e-9


def test_fits_are_measured_on_the_same_holdout(report: dict[str, Any]) -> None:
    typical = report["sizes"][0]["typical"]
    answers = [typical[name]["answer"] for name in work.TRAINING]
    assert len({answer["holdout_users"] for answer in answers}) == 1
    assert all(answer["roc_auc"] > 0.7 for answer in answers)
    assert all(answer["fit"] > 0 for answer in answers)


def test_every_target_has_a_figure(report: dict[str, Any]) -> None:
    assert len(report["targets"]) == 5
    for target in report["targets"]:
        assert target["found"] >= 0
        assert target["wanted"].startswith("≤ ")
        assert target["met"] in (True, False)
    # The one that depends on no clock.
    assert report["targets"][-1]["met"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, None),
        ({"age": [30.0 + 1e-6, None]}, "pandas and Polars answer differently: age."),
        ({"age": [30.0, 1.0], "has_card": [0, 1]}, "pandas and Polars .*: age, has_card."),
        ({"user_id": [1, 3]}, "pandas has 2 users and Polars 2, 3 in all."),
    ],
)
def test_another_answer_ends_the_benchmark(
    change: dict[str, list[float]], sentence: str | None, tmp_path: Path
) -> None:
    table = pd.DataFrame({name: [0.0, None] for name in (*FEATURE_NAMES, "churned")})
    table = table.assign(user_id=[1, 2], age=[30.0, None])
    place = Place(tmp_path)
    table.to_parquet(place.table("Polars"))
    table.assign(**change).to_parquet(place.table("pandas"))
    if sentence is None:
        assert check_same(place, "pandas", "Polars").users == 2
    else:
        with pytest.raises(KpiError, match=sentence):
            check_same(place, "pandas", "Polars")
