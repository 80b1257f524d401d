"""Days with a payment: how many there are, how far apart, and how late the next one is."""

import math
from datetime import timedelta
from pathlib import Path

import pytest

from flows.settings import Settings
from tests.churn.churn_files import AS_OF, CUTOFF, deliver
from tests.churn.features.churn_features import feature_frame, make_features


def test_each_day_with_payments_counts_once_over_a_long_lookback(
    churn_settings: Settings, tmp_path: Path
) -> None:
    days = [CUTOFF - timedelta(days=ago) for ago in range(365)]
    source = deliver(
        tmp_path / "long",
        PAYMENTS=[
            "2024-01-01,7,3,1,Instore,",
            *(f"{day},7,1,1,Instore," for day in days),
            *(f"{day},8,1,1,Transport," for day in days[:100]),
            f"{CUTOFF - timedelta(days=300)},7,2,1,Instore,",
            f"{AS_OF},7,2,1,Instore,",
        ],
    )
    run, table = make_features(churn_settings, source)

    assert table.lookback_days == 730
    paid = feature_frame(churn_settings, run)["payment_days"]
    assert paid.to_dict() == {1: 365, 2: 1, 3: 0}


@pytest.mark.parametrize(
    ("days_ago", "mean", "last"),
    [
        ([3, 3, 3], None, None),
        ([0, 1], 1, 1),
        ([61, 62], 1, 1),  # the last bit of a word, and the first of the next
        ([61, 62, 63], 1, 1),
        ([5, 400, 401], 198, 395),
        ([70, 80, 729], 329.5, 10),
        ([700, 729], 29, 29),
    ],
)
def test_gaps_between_days_with_payments(
    churn_settings: Settings,
    tmp_path: Path,
    days_ago: list[int],
    mean: float | None,
    last: int | None,
) -> None:
    days = [CUTOFF - timedelta(days=ago) for ago in days_ago]
    payments = ["2024-01-01,7,3,1,,", f"{AS_OF},7,3,1,,", *(f"{day},7,1,1,," for day in days)]
    run, _ = make_features(churn_settings, deliver(tmp_path / "gaps", PAYMENTS=payments))

    found = feature_frame(churn_settings, run).loc[1]
    late = None if mean is None else days_ago[0] - mean
    for name, expected in {"mean_gap_days": mean, "last_gap_days": last, "days_late": late}.items():
        assert found[name] == pytest.approx(math.nan if expected is None else expected, nan_ok=True)
