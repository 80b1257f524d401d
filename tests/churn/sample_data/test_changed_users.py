"""Users who change: what they do shifts, and what foretells who stays is another thing."""

from collections.abc import Callable
from datetime import timedelta

import pandas as pd

from flows.churn.sample_data.writer import AS_OF
from tests.churn.sample_data.deliveries import (
    CUTOFF,
    Frames,
    auc_on_held_out_users,
    features,
    shifted,
)


def test_with_drift_much_shifts_and_the_past_does_not(deliver: Callable[..., Frames]) -> None:
    frames, drifted = deliver(), deliver(drift=1.0)
    before, churned = features(frames, AS_OF - CUTOFF)
    after, churned_after = features(drifted, AS_OF - CUTOFF)
    found = shifted(before, after)
    assert {"payments_30", "avg_discount", "MAU_MP_1", "PLATA_CUENTA_1"} <= found
    assert len(found) > len(list(before)) / 2
    assert abs(churned_after.mean() - churned.mean()) < 0.1
    old, old_drifted = (
        rows[rows["FECHA"] <= pd.Timestamp(AS_OF - timedelta(days=60))]
        for rows in (frames["PAYMENTS"], drifted["PAYMENTS"])
    )
    pd.testing.assert_frame_equal(old, old_drifted)
    assert drifted["PAYMENTS"]["SPENT"].mean() > frames["PAYMENTS"]["SPENT"].mean()


def test_with_drift_a_model_from_before_ranks_users_wrong(deliver: Callable[..., Frames]) -> None:
    later = AS_OF + timedelta(days=56)
    known = {"users": 6_000, "usage_as_of": AS_OF - CUTOFF}
    before = features(deliver(**known), AS_OF - CUTOFF)
    later_files = {**known, "as_of": later, "usage_as_of": later - CUTOFF}

    same = features(deliver(**later_files), later - CUTOFF)
    changed = features(deliver(**later_files, drift=1.0, drift_from=AS_OF), later - CUTOFF)

    assert abs(auc_on_held_out_users(*before, same) - auc_on_held_out_users(*same)) < 0.01
    assert auc_on_held_out_users(*changed) - auc_on_held_out_users(*before, changed) > 0.05


def test_drifted_deliveries_of_one_change_agree_on_the_days_they_share(
    deliver: Callable[..., Frames],
) -> None:
    change = AS_OF - timedelta(days=20)
    weeks = [AS_OF, AS_OF + timedelta(days=7)]
    drifted = [
        deliver(users=300, as_of=day, drift=1.0, drift_from=change)["PAYMENTS"] for day in weeks
    ]
    first, second = (
        rows[rows["FECHA"].between(drifted[1]["FECHA"].min(), pd.Timestamp(AS_OF))]
        for rows in drifted
    )
    pd.testing.assert_frame_equal(first.reset_index(drop=True), second.reset_index(drop=True))

    not_yet = deliver(users=300, drift=1.0, drift_from=AS_OF + timedelta(days=1))
    for name, frame in deliver(users=300).items():
        pd.testing.assert_frame_equal(frame, not_yet[name])
