"""What counts as Production where stage, alias and ledger do not say the same."""

from dataclasses import replace

import pytest

from flows.churn.production.in_mlflow import InMlflow
from flows.churn.production.ledger import Change
from flows.churn.production.verdict import Rule, judge

PROMOTED = Change(7, "promoted", "2", "1", production="2", unfinished=False)
UNFINISHED = replace(PROMOTED, unfinished=True)
ARCHIVED = Change(8, "archived by hand", "2", "2", production=None, unfinished=False)
ALL = frozenset({"1", "2", "3", "10"})


def in_mlflow(stage: str, alias: str | None, versions: frozenset[str] = ALL) -> InMlflow:
    """Versions in the stage as words, and the one of the alias."""
    return InMlflow(versions, frozenset(stage.split()), alias)


BY_HAND = [
    ("3", "2", "3"),  # by stage
    ("2", "3", "3"),  # by alias
    ("3", "3", "3"),  # by both
    ("2 3", "2", "3"),  # by stage, without archiving the former
    ("1 2", "2", "1"),  # the same with an older version
    ("3 10", "2", "10"),  # several: the one that MLflow finds by stage
    ("1", "3", "1"),  # two different ones: the stage counts
    ("", "3", "3"),  # the former archived, the alias moved
]
ARCHIVALS = [("", "2"), ("2", None), ("", None)]


def test_all_three_agree() -> None:
    found = judge(PROMOTED, in_mlflow("2", "2"), "follow")
    assert (found.production, found.difference) == ("2", None)
    found = judge(ARCHIVED, in_mlflow("", None), "follow")
    assert (found.production, found.difference) == (None, None)
    assert judge(None, InMlflow(), "refuse").production is None


@pytest.mark.parametrize(("stage", "alias", "meant"), BY_HAND)
def test_a_promotion_by_hand_is_followed_or_taken_back(stage: str, alias: str, meant: str) -> None:
    for last in (PROMOTED, UNFINISHED):
        if last.unfinished and "3" not in (alias, *stage.split()):
            continue  # may be what an interruption left
        followed = judge(last, in_mlflow(stage, alias), "follow")
        assert followed.production == meant
        assert followed.difference
        assert (followed.difference.action, followed.difference.version) == (
            "promoted by hand",
            meant,
        )
        refused = judge(last, in_mlflow(stage, alias), "refuse")
        assert refused.production == "2"
        assert refused.difference
        assert (refused.difference.action, refused.difference.version) == ("taken back", meant)


@pytest.mark.parametrize(("stage", "alias"), ARCHIVALS)
def test_an_archival_by_hand_is_followed_or_taken_back(stage: str, alias: str | None) -> None:
    followed = judge(PROMOTED, in_mlflow(stage, alias), "follow")
    assert followed.production is None
    assert followed.difference
    assert (followed.difference.action, followed.difference.version) == ("archived by hand", "2")
    refused = judge(PROMOTED, in_mlflow(stage, alias), "refuse")
    assert refused.production == "2"
    assert refused.difference
    assert refused.difference.action == "taken back"


def test_what_was_deleted_cannot_be_brought_back() -> None:
    found = judge(PROMOTED, in_mlflow("", None, frozenset({"1", "3"})), "refuse")
    assert found.production is None
    assert found.difference
    assert found.difference.action == "archived by hand"


def test_what_takes_the_place_of_a_deleted_one_is_followed_by_a_setting_alone() -> None:
    mlflow = in_mlflow("3", "3", frozenset({"1", "3"}))
    assert judge(PROMOTED, mlflow, "follow").production == "3"
    refused = judge(PROMOTED, mlflow, "refuse")
    assert refused.production is refused.known is None
    assert refused.difference
    assert (refused.difference.action, refused.difference.version) == ("archived by hand", "2")
    # A change that never was finished: the ledger knows what MLflow still has.
    before = in_mlflow("1", "1", frozenset({"1"}))
    assert judge(UNFINISHED, before, "refuse").production == "1"


def test_what_the_ledger_does_not_know_is_not_in_use_yet() -> None:
    followed = judge(PROMOTED, in_mlflow("3", "3"), "follow")
    assert (followed.production, followed.known) == ("3", "2")


@pytest.mark.parametrize(("rule", "production"), [("follow", "1"), ("refuse", None)])
def test_a_ledger_that_knows_no_production_learns_of_it(rule: Rule, production: str | None) -> None:
    for last in (None, ARCHIVED):
        assert judge(last, in_mlflow("1", "1"), rule).production == production


@pytest.mark.parametrize(("stage", "alias"), [("1", "1"), ("2", "1"), ("", None)])
def test_what_was_cut_short_is_completed(stage: str, alias: str | None) -> None:
    rules: tuple[Rule, ...] = ("follow", "refuse")
    for rule in rules:
        found = judge(UNFINISHED, in_mlflow(stage, alias), rule)
        assert found.production == "2"
        assert found.difference
        assert found.difference.kind == "cut short"


def test_each_says_what_becomes_of_it() -> None:
    followed = judge(PROMOTED, in_mlflow("3", None), "follow").difference
    assert followed
    assert f"{followed.fact} {followed.next}" == (
        "Somebody made version 3 Production in MLflow: MLflow's stage says 3, its alias none, the "
        "ledger 2. The next training, scoring or rollback writes that to the ledger and follows it."
    )
    refused = judge(PROMOTED, in_mlflow("", None), "refuse").difference
    assert refused
    assert f"{refused.fact} {refused.next}" == (
        "Somebody left MLflow without its Production, version 2: MLflow's stage says none, its "
        "alias none, the ledger 2. The next training, scoring or rollback writes that to the "
        "ledger and takes it back."
    )
    taken_back = judge(PROMOTED, in_mlflow("3", None), "refuse").difference
    assert taken_back
    assert taken_back.next == (
        "The next training, scoring or rollback writes that to the ledger and takes it back. "
        'To take it in: kpi model accept 3 --why "…".'
    )
