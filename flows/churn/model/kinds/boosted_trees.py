"""Gradient-boosted trees as MLflow keeps them: splits and leaves as JSON, scored with NumPy.

MLflow stores this file with such a model, so it imports nothing of this project.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb, prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Vector = npt.NDArray[np.float64]
_Answers = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Input:
    """A number that splits ask about: a feature's value, or (`unknown`) whether it is missing.

    A skewed value enters as its signed logarithm, a missing one as `mean`.
    """

    feature: str
    skewed: bool
    mean: float
    unknown: bool = False

    def seen(self, users: pd.DataFrame) -> Vector:
        """Return the number of each row, shape (rows,); an absent column counts as missing."""
        if self.feature not in users:
            return np.full(len(users), 1.0 if self.unknown else self.mean)
        value: Vector = users[self.feature].to_numpy(dtype=np.float64, na_value=np.nan)
        missing = np.isnan(value)
        if self.unknown:
            return missing.astype(np.float64)
        if self.skewed:
            value = np.sign(value) * np.log1p(np.abs(value))
        seen: Vector = np.where(missing, self.mean, value)
        return seen


@dataclass(frozen=True)
class Leaf:
    """What users who end here get added to their log-odds; `users` of the training ended here."""

    log_odds: float
    users: float


@dataclass(frozen=True)
class Split:
    """Asks whether the input of that place is at most a number."""

    input: int
    at_most: float
    yes: "Node"
    no: "Node"

    @property
    def users(self) -> float:
        """How many users of the training came by."""
        return self.yes.users + self.no.users


Node = Leaf | Split


@dataclass(frozen=True)
class BoostedTrees:
    """Trees that add up; at probability `threshold` or above a user counts as churning.

    The log-odds are `intercept` plus `slope` times the sum of the trees. Both were fitted to users
    who did not teach the trees: Platt, "Probabilistic Outputs for Support Vector Machines" (1999).
    """

    inputs: tuple[Input, ...]
    trees: tuple[Node, ...]
    slope: float
    intercept: float
    threshold: float

    @property
    def feature_names(self) -> list[str]:
        """The features it reads."""
        return list(dict.fromkeys(each.feature for each in self.inputs))

    @property
    def average_log_odds(self) -> float:
        """The log-odds that contributions start from: those of the average training user."""
        return self.intercept + self.slope * sum(table.expected for table in self._tables)

    def sums(self, users: pd.DataFrame) -> Vector:
        """Return the sum of the trees for each row, shape (rows,): log-odds, not calibrated."""
        seen = [each.seen(users) for each in self.inputs]
        total = np.zeros(len(users))
        for table in self._tables:
            total += table.log_odds[table.codes(seen)]
        return total

    def probabilities(self, users: pd.DataFrame) -> Vector:
        """Return the probability of churn of each row, shape (rows,).

        An absent column counts as missing.
        """
        log_odds = self.intercept + self.slope * self.sums(users)
        probabilities: Vector = 1.0 / (1.0 + np.exp(-log_odds))
        return probabilities

    def contributions(self, users: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to each row's log-odds, against the average user.

        Exact SHAP values, which with `average_log_odds` add up to the log-odds. A feature that is
        not known is averaged over the training users at each split: Lundberg, Erion and Lee,
        "Consistent Individualized Feature Attribution for Tree Ensembles" (2018), algorithm 1.
        """
        seen = [each.seen(users) for each in self.inputs]
        added = {name: np.zeros(len(users)) for name in self.feature_names}
        for table in self._tables:
            codes = table.codes(seen)
            for name, amounts in table.added.items():
                added[name] += self.slope * amounts[codes]
        return pd.DataFrame(added, index=users.index)

    @cached_property
    def _tables(self) -> tuple["_Table", ...]:
        return tuple(_Table.of(tree, self.inputs) for tree in self.trees)

    @staticmethod
    def read(content: dict[str, Any]) -> "BoostedTrees":
        """Return the model of a document."""
        return BoostedTrees(
            inputs=tuple(Input(**each) for each in content["inputs"]),
            trees=tuple(_node(tree) for tree in content["trees"]),
            slope=content["slope"],
            intercept=content["intercept"],
            threshold=content["threshold"],
        )


@dataclass(frozen=True)
class _Table:
    """A tree for every answer to all its questions: what it adds, and each feature's part of that.

    A tree asks at most seven questions, so that there are at most 128 lines. Line `code` is for
    users whose answer to question i is yes where bit i of the code is 1. The idea is that of Yang,
    "Fast TreeSHAP: Accelerating SHAP Value Computation for Trees" (2021).
    """

    questions: tuple[tuple[int, float], ...]
    log_odds: Vector
    added: dict[str, Vector]
    expected: float

    def codes(self, seen: list[Vector]) -> npt.NDArray[np.intp]:
        """Return each user's line, shape (users,)."""
        codes = np.zeros(len(seen[0]) if seen else 0, dtype=np.intp)
        for place, (each, at_most) in enumerate(self.questions):
            codes |= (seen[each] <= at_most).astype(np.intp) << place
        return codes

    @staticmethod
    def of(tree: Node, inputs: tuple[Input, ...]) -> "_Table":
        paths = list(_paths(tree))
        questions = tuple(dict.fromkeys(step.question for path, _ in paths for step in path))
        lines = np.arange(2 ** len(questions))
        answers = {each: (lines >> place & 1) == 1 for place, each in enumerate(questions)}
        log_odds, expected = np.zeros(len(lines)), 0.0
        added: dict[str, Vector] = {}
        for path, leaf in paths:
            # Of each feature: whether it lets a user come here, and which share of users it let.
            met: dict[str, _Answers] = {}
            share: dict[str, float] = {}
            for step in path:
                name = inputs[step.question[0]].feature
                met[name] = met.get(name, True) & (answers[step.question] == step.yes)
                share[name] = share.get(name, 1.0) * step.share
            log_odds += leaf.log_odds * prod(met.values(), start=np.ones(len(lines)))
            expected += leaf.log_odds * prod(share.values())
            for name in met:
                part = leaf.log_odds * _shapley_value(name, met, share)
                added[name] = added.get(name, 0.0) + part
        return _Table(questions, log_odds, added, expected)


@dataclass(frozen=True)
class _Step:
    """One split on the way to a leaf: its question, the answer, the share of users who gave it."""

    question: tuple[int, float]
    yes: bool
    share: float


def _paths(node: Node, path: tuple[_Step, ...] = ()) -> Iterator[tuple[tuple[_Step, ...], Leaf]]:
    if isinstance(node, Leaf):
        yield path, node
        return
    for yes, child in ((True, node.yes), (False, node.no)):
        step = _Step((node.input, node.at_most), yes, child.users / node.users)
        yield from _paths(child, (*path, step))


def _shapley_value(name: str, met: dict[str, _Answers], share: dict[str, float]) -> Vector:
    """Return one feature's part in coming to a leaf, for each line of answers.

    A feature that is known lets a user come or not; one that is not lets its share of users come.
    """
    others = [other for other in met if other != name]
    total = np.zeros(len(met[name]))
    for size in range(len(others) + 1):
        for known in combinations(others, size):
            coming = prod((met[other] for other in known), start=np.ones(len(total)))
            let = prod(share[other] for other in others if other not in known)
            total += coming * (let / (len(met) * comb(len(others), size)))
    return total * (met[name] - share[name])


def _node(content: dict[str, Any]) -> Node:
    if "log_odds" in content:
        return Leaf(**content)
    return Split(content["input"], content["at_most"], _node(content["yes"]), _node(content["no"]))
