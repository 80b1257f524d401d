"""For how many users those speak whom campaigns held out."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from pyarrow import parquet

from flows.churn.campaigns.contacted import Campaigns, write_campaigns
from flows.churn.features.feature_engineering import FeatureTable
from flows.churn.model.logged.card import _who_was_contacted
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.campaigns.test_contacted import contact

CUTOFF = date(2026, 5, 1)
DAY = timedelta(days=1)
CONTACTED, HELD_OUT = list(range(1, 10)), [10]


def found(settings: Settings, folder: Path) -> Campaigns:
    return write_campaigns(settings, folder / "campaigns.parquet", CUTOFF, label_days=30)


def test_who_is_held_out_speaks_for_the_whole_campaign(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    contact(db, settings, CONTACTED, HELD_OUT, scored=CUTOFF)
    campaigns = found(settings, tmp_path)
    assert campaigns == Campaigns(CONTACTED, {10: pytest.approx(10)}, unspoken=0)
    assert str(campaigns) == (
        "Contacted by campaigns, and left out: 9 users. Held out, and speaking for them: 1 user, "
        "each for up to 10.0."
    )
    written = parquet.read_table(tmp_path / "campaigns.parquet").to_pylist()
    assert written[0] == {"user_id": 1, "contacted": True, "weight": pytest.approx(10)}
    assert written[-1] == {"user_id": 10, "contacted": False, "weight": pytest.approx(10)}


def test_who_is_held_out_again_before_the_days_are_over_was_drawn_once(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    contact(db, settings, CONTACTED, HELD_OUT, scored=CUTOFF - 20 * DAY)
    # A half is held out, of those about whom nothing was decided yet.
    contact(db, settings, [11, 12], [*HELD_OUT, 13, 14], scored=CUTOFF)
    assert found(settings, tmp_path).weights == pytest.approx({10: 10, 13: 2, 14: 2})


def test_who_is_held_out_by_chance_twice_speaks_for_those_of_either_campaign(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    contact(db, settings, CONTACTED, HELD_OUT, scored=CUTOFF - 20 * DAY)
    contact(db, settings, [11], HELD_OUT, scored=CUTOFF + 20 * DAY)
    assert found(settings, tmp_path).weights == {10: pytest.approx(20)}


def test_where_nobody_was_held_out_that_is_told(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    contact(db, settings, CONTACTED, [], scored=CUTOFF)
    alone = found(settings, tmp_path)
    assert alone == Campaigns(CONTACTED, {}, unspoken=9)
    assert "Nobody was held out: thresholds and figures speak for the other users" in str(alone)
    # Another campaign holds somebody out, who speaks for its own users.
    contact(db, settings, [21], [22], scored=CUTOFF + DAY)
    both = found(settings, tmp_path)
    assert (both.weights, both.unspoken) == ({22: pytest.approx(2)}, 9)
    assert str(both).endswith("For 9 of the contacted nobody speaks.")


@pytest.mark.parametrize(
    ("held_out", "unspoken", "said"),
    [
        (0, 90, "Nobody was held out to speak for them: base rate, threshold, capacity, gains"),
        (10, 0, "Held out, and speaking for them: 10 users, each of whom counts as several"),
        (10, 5, "For 5 of the contacted nobody was held out: of them the figures say nothing."),
    ],
)
def test_the_card_says_for_whom_its_figures_speak(held_out: int, unspoken: int, said: str) -> None:
    table = FeatureTable(
        CUTOFF, 60, 100, 50, [], "", {}, contacted=90, held_out=held_out, unspoken=unspoken
    )
    (line,) = _who_was_contacted(table)
    assert line.startswith("- 90 users whom campaigns contacted")
    assert said in line
