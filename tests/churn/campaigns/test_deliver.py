"""A campaign's file is kept as a whole, or refused in one sentence."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.churn.campaigns.deliver import Delivered, deliver_campaign
from flows.churn.model.score_users import create_month
from flows.errors import BadInput, PipelineBusy
from flows.local.machine import wait_until
from flows.platform.forgetting.key import hash_by, key_id, make_key
from flows.platform.forgetting.ledger import Line, add_line
from flows.platform.warehouse.connection import Connection, transaction
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


def test_two_campaigns_at_once_equal_one_after_the_other(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    files = []
    for group in ("contacted", "control"):
        (tmp_path / group).mkdir()
        files.append(campaign(tmp_path / group, f"1,2026-05-02,{group}"))

    def delivered(file: Path) -> int | str:
        try:
            return deliver_campaign(settings, file).new
        except BadInput as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        with transaction(settings, "another") as another:
            # Nobody writes, and everybody may read: each would find the other's user missing.
            another.execute("LOCK TABLE prod.bt_churn_campaigns IN SHARE MODE")
            both = [pool.submit(delivered, file) for file in files]
            assert wait_until(lambda: waiting(db) == 2, 60)
        told = sorted((each.result() for each in both), key=str)

    assert told[0] == 1
    assert "1 user in another group within 30 days" in str(told[1])
    assert len(kept(db)) == 1


def waiting(db: Connection) -> int:
    """Return how many deliveries wait for a lock."""
    row = db.execute(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database() AND application_name LIKE 'kpi campaign%'"
    ).fetchone()
    db.commit()
    assert row
    return int(row["n"])


def test_a_campaign_that_waits_too_long_says_so_and_keeps_nothing(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    impatient = settings.model_copy(update={"lock_timeout_seconds": 1})
    file = campaign(tmp_path, "1,2026-05-02,contacted")
    with transaction(settings, "another") as another:
        another.execute("LOCK TABLE prod.bt_churn_campaigns IN SHARE MODE")
        with pytest.raises(PipelineBusy, match=r"nothing of spring\.csv was kept"):
            deliver_campaign(impatient, file)
    assert kept(db) == []


def test_who_is_forgotten_while_a_campaign_is_read_is_left_out(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    file = campaign(tmp_path, "1,2026-05-02,contacted", "2,2026-05-02,contacted")
    with ThreadPoolExecutor(1) as pool:
        with transaction(settings, "another") as another:
            another.execute("LOCK TABLE prod.bt_churn_campaigns IN SHARE MODE")
            delivered = pool.submit(deliver_campaign, settings, file)
            assert wait_until(lambda: waiting(db) == 1, 60)
            # It has read the file, and finds out who was forgotten when it is about to keep.
            key = make_key(settings, shared=False)
            with transaction(settings, "forget") as connection:
                add_line(settings, connection, forgotten(key, "1"))
        assert delivered.result() == Delivered(users=1, new=1, contacted=1)
    assert kept(db) == [(SCORED, 2, "contacted")]


def forgotten(key: bytes, person: str) -> Line:
    """Return the ledger's line of a person."""
    return Line(
        person=hash_by(key)(person),
        key_id=key_id(key),
        action="forgotten",
        why="asked for it",
        decided_by="Ana",
        decided_at=datetime.now(UTC),
    )
