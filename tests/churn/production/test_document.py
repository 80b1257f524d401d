"""A document is one model, checked when it is read; a hash of its exact bytes tells it apart."""

import json
from hashlib import sha256
from typing import Any

import pytest

from flows.churn.production.document import parse_document
from flows.errors import KpiError

TERM = {"feature": "age", "skewed": False, "mean": 40.0, "deviation": 9.5, "coefficient": 0.1}
MODEL = {
    "kind": "logistic regression",
    "intercept": -1,
    "threshold": 0.4,
    "terms": [{**TERM, "when_missing": 0.2}],
    "lookback_days": 120,
}

BROKEN: dict[str, tuple[str | dict[str, Any], str]] = {
    "no json": ("cos\nsystem", "the file: Invalid JSON"),
    "a list": ("[]", "the file: Input should be an object"),
    "nothing": ({}, "intercept: Field required; and 2 more"),
    "text": (MODEL | {"intercept": "1"}, "intercept: Input should be a valid number"),
    "not finite": (json.dumps(MODEL).replace("-1", "NaN"), "intercept: Input should be a finite"),
    "threshold": (MODEL | {"threshold": 2}, "threshold: Input should be less than or equal to 1"),
    "twice": (MODEL | {"terms": [TERM, TERM]}, "terms: Value error, a feature occurs twice"),
    "more": (MODEL | {"code": "import os"}, "code: Extra inputs are not permitted"),
    "a term": (MODEL | {"terms": [TERM | {"deviation": -1}]}, r"terms\.0\.deviation: Input should"),
}


def as_bytes(content: str | dict[str, Any]) -> bytes:
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def test_a_document_is_its_model_and_the_hash_of_its_bytes() -> None:
    for content in (as_bytes(MODEL), as_bytes(MODEL) + b"\n"):
        document = parse_document(content, "7")
        assert (document.version, document.sha256) == ("7", sha256(content).hexdigest())
        assert document.model.intercept == -1
        assert document.model.terms[0].when_missing == 0.2
        assert document.model.lookback_days == 120


def test_a_document_of_an_earlier_release_is_read() -> None:
    model = parse_document(
        as_bytes({"terms": [TERM], "intercept": 0.5, "threshold": 0.5}), "1"
    ).model
    assert (model.kind, model.lookback_days) == ("logistic regression", None)


LEAF = {"log_odds": 0.5, "users": 10}
SPLIT = {"input": 0, "at_most": 1.5, "yes": LEAF, "no": LEAF}
TREES = {
    "kind": "gradient-boosted trees",
    "inputs": [{"feature": "age", "skewed": False, "mean": 40.0}],
    "trees": [SPLIT | {"yes": SPLIT | {"at_most": 0.5}}],
    "slope": 1.1,
    "intercept": 0.1,
    "threshold": 0.4,
}


def nested(deep: int) -> dict[str, Any]:
    """A tree that asks so many questions, one below the other."""
    tree: dict[str, Any] = LEAF
    for at_most in range(deep):
        tree = SPLIT | {"at_most": at_most, "yes": tree}
    return tree


BROKEN |= {
    "no trees": (TREES | {"trees": []}, r"trees: Tuple should have at least 1 item"),
    "an input that is not there": (
        TREES | {"trees": [SPLIT | {"input": 1}]},
        "the file: Value error, a tree asks about an input that is not there",
    ),
    "nobody in a leaf": (
        TREES | {"trees": [LEAF | {"users": 0}]},
        r"trees\.0\.Leaf\.users: Input should be greater than 0",
    ),
    "more than can be tabulated": (
        TREES | {"trees": [nested(8)]},
        "the file: Value error, a tree asks more than 7 questions",
    ),
    "a tree without an end": (
        TREES | {"trees": [nested(500)]},
        "the file: Invalid JSON: recursion",
    ),
}


def test_trees_are_read_split_by_split() -> None:
    document = parse_document(as_bytes(TREES), "7")
    (tree,) = document.model.model_dump()["trees"]
    assert tree["yes"] == SPLIT | {"at_most": 0.5}


@pytest.mark.parametrize(("content", "told"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_model_is_told_with_its_place(content: str | dict[str, Any], told: str) -> None:
    with pytest.raises(
        KpiError,
        match=rf"^Version 7 of churn-model is refused: its coeff.* holds no model \({told}",
    ):
        parse_document(as_bytes(content), "7")


def test_another_kind_of_model_is_told() -> None:
    known = r"logistic regression, gradient-boosted trees, BG/NBD"
    with pytest.raises(KpiError, match=rf"holds another kind .* Known: {known}\.$"):
        parse_document(as_bytes({"kind": "network", "layers": []}), "7")


def test_only_the_known_hash_is_let_through() -> None:
    document = parse_document(as_bytes(MODEL), "7")
    other = "0" * 64
    assert document.as_promoted(document.sha256) is document.as_trained(None) is document
    with pytest.raises(KpiError, match="not the 000000000000… that the promotion ledger knows"):
        document.as_promoted(other)
    with pytest.raises(KpiError, match="not the 000000000000… of what this run trained"):
        document.as_trained(other)
