"""The proof that a cluster finds what one machine finds: run, and shown a difference."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.cluster.__main__ import main
from benchmarks.cluster.store import connector
from benchmarks.cluster.trained import Trained, largest_difference
from flows.errors import KpiError
from flows.local.machine import free_port

pytestmark = pytest.mark.xdist_group("benchmarks")

_HERE = Trained(
    features=pd.DataFrame({"user_id": [1, 2], "age": [30.0, None], "visits": [3, 4]}),
    coefficients=pd.Series({"age": 0.5, "intercept": 1.0}),
    seconds=1,
    cpu=1,
)


def with_features(**columns: Sequence[float | None]) -> Trained:
    return replace(
        _HERE, features=_HERE.features.assign(**{n: pd.Series(v) for n, v in columns.items()})
    )


def test_two_workers_and_a_bucket_find_the_same(
    short_lived_java: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Where executors are behind a firewall, they reach the run by ports that it opens for them.
    for port in ("KPI_SPARK_DRIVER_PORT", "KPI_SPARK_BLOCK_MANAGER_PORT"):
        monkeypatch.setenv(port, str(free_port()))

    # Which ends with 1 where they do not.
    main(["--users", "2000", "--memory-mb", "600"])

    printed = capsys.readouterr()
    assert printed.out.startswith("2,000 users of ")
    assert "Training on two workers, by s3a ..." in printed.err


def test_rows_in_another_order_are_the_same() -> None:
    turned = replace(_HERE, features=_HERE.features.iloc[::-1])
    assert largest_difference(_HERE, turned) == (0, 0)


def test_the_largest_difference_is_found() -> None:
    coefficients = pd.Series({"age": 0.5, "intercept": 1.25})
    other = replace(with_features(age=[30.5, None]), coefficients=coefficients)
    assert largest_difference(_HERE, other) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (with_features(user_id=[1, 3]), "other users"),
        (with_features(age=[30.0, 31.0]), "age is missing for other users"),
        (with_features(more=[1, 2]), "other columns"),
        (replace(_HERE, coefficients=pd.Series({"intercept": 1.0})), "other terms"),
    ],
)
def test_what_is_no_number_differs_or_not(other: Trained, words: str) -> None:
    with pytest.raises(KpiError, match=words):
        largest_difference(_HERE, other)


def test_a_connector_that_is_not_installed_is_told(tmp_path: Path) -> None:
    with pytest.raises(KpiError, match=r"make \.venv-s3a/\.done"):
        connector(tmp_path)
