"""A campaign's file is kept as a whole, or refused in one sentence."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from flows.churn.campaigns.deliver import Delivered, deliver_campaign
from flows.churn.model.score_users import create_month
from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.handmade_models import with_churn
from tests.platform.pipeline.lineage.read_events import complete, dataset, events_of, kinds_of

JOB = "churn_campaign.deliver_campaign"
SCORED, LATER = date(2026, 5, 1), date(2026, 5, 8)


@pytest.fixture(autouse=True)
def scores(settings: Settings, db: Connection) -> None:
    """Users 1 to 5 were scored, a week later 2 to 6."""
    create_month(settings, SCORED)
    db.execute(
        "INSERT INTO prod.bt_churn_scores (as_of, user_id, model_version, probability)"
        " SELECT %s::date, n, '1', 0.5 FROM generate_series(1, 5) AS n"
        " UNION ALL SELECT %s, n, '1', 0.5 FROM generate_series(2, 6) AS n",
        [SCORED, LATER],
    )
    db.commit()


def campaign(folder: Path, *lines: str) -> Path:
    file = folder / "spring.csv"
    file.write_text("\n".join(["user_id,contacted_on,group", *lines, ""]), encoding="utf-8")
    return file


def kept(db: Connection) -> list[tuple[object, ...]]:
    rows = db.execute(
        "SELECT as_of, user_id, campaign_group FROM prod.bt_churn_campaigns ORDER BY 1, 2"
    ).fetchall()
    db.commit()
    return [tuple(row.values()) for row in rows]


def test_a_user_belongs_to_the_last_scores_before_the_contact(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    file = campaign(
        tmp_path, "1,2026-05-07,contacted", "2,2026-05-08,control", "1,2026-05-07,contacted"
    )
    assert deliver_campaign(settings, file) == Delivered(users=2, new=2, contacted=1)
    assert kept(db) == [(SCORED, 1, "contacted"), (LATER, 2, "control")]
    assert deliver_campaign(settings, file) == Delivered(users=2, new=0, contacted=1)


def test_a_campaign_is_told_from_its_file_and_the_scores(
    settings: Settings, tmp_path: Path
) -> None:
    file = campaign(tmp_path, "1,2026-05-07,contacted", "2,2026-05-08,control")
    deliver_campaign(settings, file)

    events = events_of(settings)
    assert {name for name, _ in kinds_of(events)} == {"churn_campaign", JOB}
    told = complete(events, JOB)
    of_file = dataset(told, "inputs", str(file))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert of_file["facets"]["version"]["datasetVersion"] == sha256
    assert dataset(told, "inputs", ".bt_churn_scores")
    kept_ = dataset(told, "outputs", ".bt_churn_campaigns")
    assert kept_["outputFacets"]["outputStatistics"]["rowCount"] == 2
    columns = {field["name"] for field in kept_["facets"]["schema"]["fields"]}
    assert set(kept_["facets"]["columnLineage"]["fields"]) < columns


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            ["7,2026-05-08,control", "1,2026-05-09,control"],
            "column user_id: 2 users not among the users who were scored by then "
            "(row 2: user 7, 2026-05-08, row 3: user 1, 2026-05-09)",
        ),
        (
            ["1,2026-04-30,contacted"],
            "column contacted_on: 1 user before the first day that was scored "
            "(row 2: user 1, 2026-04-30)",
        ),
        (
            # The last of the 30 days that decide is 2026-06-07: nobody can be kept on it.
            ["2,2026-06-07,contacted"],
            "column contacted_on: 1 user 30 days or more after the scores before it "
            "(row 2: user 2, 2026-06-07)",
        ),
        (
            ["3,2026-05-02,control"],
            "column group: 1 user in another group within 30 days, as a file before said "
            "(row 2: user 3, 2026-05-02)",
        ),
        (
            ["3,2026-05-02,control", "7,2026-05-08,control", "1,2026-04-30,contacted"],
            "column user_id: 1 user not among the users who were scored by then "
            "(row 3: user 7, 2026-05-08); column contacted_on: 1 user before the first day that "
            "was scored (row 4: user 1, 2026-04-30); column group: 1 user in another group within "
            "30 days, as a file before said (row 2: user 3, 2026-05-02)",
        ),
    ],
)
def test_who_cannot_be_in_a_campaign_is_told_and_nothing_is_kept(
    settings: Settings, db: Connection, tmp_path: Path, lines: list[str], why: str
) -> None:
    deliver_campaign(settings, campaign(tmp_path, "3,2026-05-01,contacted"))
    with pytest.raises(BadInput) as error:
        deliver_campaign(settings, campaign(tmp_path, "4,2026-05-01,control", *lines))
    assert error.value.in_full == (
        f"spring.csv: {why}. Rows are counted without the header. Nothing was kept."
    )
    # Who it is, is for a terminal.
    assert "user 7," not in str(error.value)
    assert "2026" not in str(error.value)
    assert kept(db) == [(SCORED, 3, "contacted")]


def test_the_last_day_before_the_decision_is_over_is_accepted(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    deliver_campaign(settings, campaign(tmp_path, "2,2026-06-06,contacted"))
    assert kept(db) == [(LATER, 2, "contacted")]


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        # Contacted in the days after the scores by which the user is held out.
        ("2,2026-05-02,control", "2,2026-05-09,contacted", True),
        ("2,2026-05-09,contacted", "2,2026-05-02,control", True),
        # What the contact changed is not over when the user is held out.
        ("2,2026-05-02,contacted", "2,2026-05-09,control", True),
        # The days of one are over when the other begins.
        ("2,2026-05-02,control", "2,2026-05-31,contacted", False),
        ("2,2026-05-09,control", "2,2026-05-02,control", False),
        ("2,2026-05-02,contacted", "2,2026-05-09,contacted", False),
    ],
)
def test_a_contact_that_reaches_into_the_days_of_a_held_out_user_is_refused(
    settings: Settings, db: Connection, tmp_path: Path, first: str, second: str, refused: bool
) -> None:
    deliver_campaign(settings, campaign(tmp_path, first))
    if not refused:
        assert deliver_campaign(settings, campaign(tmp_path, second)).new == 1
        return
    with pytest.raises(BadInput, match=r"column group: 1 user in another group within 30 days"):
        deliver_campaign(settings, campaign(tmp_path, second))
    assert len(kept(db)) == 1


def test_a_user_in_two_groups_of_a_file_is_refused(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    file = campaign(tmp_path, "1,2026-05-01,contacted", "1,2026-05-01,control")
    with pytest.raises(BadInput) as error:
        deliver_campaign(settings, file)
    assert error.value.in_full == (
        "spring.csv: column group: 1 user has rows that say different things (row 2: user 1); all "
        "rows of a user must say the same. Rows are counted without the header."
    )
    assert kept(db) == []


def test_days_are_written_as_those_of_a_delivery(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    settings = with_churn(settings, date_format="%d/%m/%Y")
    deliver_campaign(settings, campaign(tmp_path, "1,02/05/2026,contacted"))
    assert kept(db) == [(SCORED, 1, "contacted")]
    with pytest.raises(BadInput, match=r"column contacted_on: 1 cell is no day as %d/%m/%Y"):
        deliver_campaign(settings, campaign(tmp_path, "2,2026-05-02,contacted"))


def test_a_cell_that_breaks_its_rule_is_refused(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    with pytest.raises(
        BadInput, match=r"spring\.csv: column group: 1 cell is none of contacted, control"
    ):
        deliver_campaign(settings, campaign(tmp_path, "1,2026-05-01,maybe"))
    assert kept(db) == []
