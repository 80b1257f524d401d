"""The kinds of model that a document may hold, by their schemas: numbers, and nothing to run."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_MOST_QUESTIONS = 7
_MOST_TREES = 1000


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class FeatureTerm(_Strict):
    """A feature of a logistic regression: how its value is scaled, and what it adds."""

    feature: str = Field(min_length=1, max_length=100)
    skewed: bool
    mean: float
    deviation: float = Field(ge=0)
    coefficient: float
    when_missing: float = 0.0


class LogisticRegression(_Strict):
    """Coefficients, scaling, intercept and threshold, and what the features were made of.

    `lookback_days`: days of payments that the features read; None in documents of before it was
    written there.
    """

    # Documents of before there was a kind are of this one.
    kind: Literal["logistic regression"] = "logistic regression"
    intercept: float
    threshold: float = Field(ge=0, le=1)
    terms: tuple[FeatureTerm, ...]
    lookback_days: int | None = Field(None, ge=1)

    @field_validator("terms")
    @classmethod
    def _each_feature_once(cls, terms: tuple[FeatureTerm, ...]) -> tuple[FeatureTerm, ...]:
        if len({term.feature for term in terms}) < len(terms):
            raise ValueError("a feature occurs twice")
        return terms


class TreeInput(_Strict):
    """A number that splits ask about: a feature's value, or whether it is missing."""

    feature: str = Field(min_length=1, max_length=100)
    skewed: bool
    mean: float
    unknown: bool = False


class Leaf(_Strict):
    """What users who end here get added to their log-odds, and how many did in the training."""

    log_odds: float
    users: float = Field(gt=0)


class Split(_Strict):
    """Asks whether the input of that place is at most a number."""

    input: int = Field(ge=0)
    at_most: float
    yes: "Leaf | Split"
    no: "Leaf | Split"


class _Calibrated(_Strict):
    """What turns a model's own log-odds into calibrated ones, and those into a decision."""

    slope: float
    intercept: float
    threshold: float = Field(ge=0, le=1)
    lookback_days: int | None = Field(None, ge=1)


class GradientBoostedTrees(_Calibrated):
    """Trees that add up, each asking few enough questions to be tabulated by its answers."""

    kind: Literal["gradient-boosted trees"]
    inputs: tuple[TreeInput, ...]
    trees: tuple[Leaf | Split, ...] = Field(min_length=1, max_length=_MOST_TREES)

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        for tree in self.trees:
            questions = {(split.input, split.at_most) for split in _splits(tree)}
            if len(questions) > _MOST_QUESTIONS:
                raise ValueError(f"a tree asks more than {_MOST_QUESTIONS} questions")
            if any(place >= len(self.inputs) for place, _ in questions):
                raise ValueError("a tree asks about an input that is not there")
        return self


class PaymentHistory(_Strict):
    """The features that a BG/NBD model reads."""

    payment_days: float = Field(ge=0)
    payment_recency_days: float = Field(ge=0)
    first_payment_days: float = Field(ge=0)


class BgNbd(_Calibrated):
    """The four numbers of a BG/NBD model, the days it looks ahead, and the average user."""

    kind: Literal["BG/NBD"]
    r: float = Field(gt=0)
    alpha: float = Field(gt=0)
    a: float = Field(gt=0)
    b: float = Field(gt=0)
    days: int = Field(ge=1)
    never: float
    average: PaymentHistory


Model = LogisticRegression | GradientBoostedTrees | BgNbd


def _splits(node: Leaf | Split) -> Iterator[Split]:
    if isinstance(node, Split):
        yield node
        yield from _splits(node.yes)
        yield from _splits(node.no)
