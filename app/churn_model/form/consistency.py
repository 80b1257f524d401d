"""Features of one user that contradict each other, declared once for the form and for files."""

from typing import TYPE_CHECKING

from app.language import digits, translate
from flows.churn.features.definitions import FEATURES, feature
from flows.churn.model.training_users import TrainingUsers

if TYPE_CHECKING:
    from pandas import DataFrame

    from app.churn_model.form.fields import Answers

PART_AND_WHOLE = tuple((part.name, whole) for part in FEATURES for whole in part.part_of)


def contradictions(users: "DataFrame") -> list[str]:
    """Return a sentence for each rule that rows break; unknown values break none."""
    found = []
    for part, whole in PART_AND_WHOLE:
        broken = (users[part] > users[whole]).to_numpy()
        if not broken.any():
            continue
        first = users.iloc[int(broken.argmax())]
        found.append(
            translate(
                "“{part}” ({part_value}) is more than “{whole}” ({whole_value}), "
                "which contains it.",
                part=translate(feature(part).description),
                part_value=digits(first[part]),
                whole=translate(feature(whole).description),
                whole_value=digits(first[whole]),
            )
            if len(users) == 1
            else translate(
                "{part} is more than {whole}, which contains it, from row {row:,} on (rows: "
                "{rows:,}).",
                part=part,
                whole=whole,
                rows=int(broken.sum()),
                row=int(broken.argmax()) + 1,
            )
        )
    return found


def unusual(user: "Answers", users: TrainingUsers, filled: "Answers") -> list[str]:
    """Return a sentence for each number that is outside the usual range of a training's users.

    Numbers that the form was filled with are not told of: they are some real user's.
    """
    found = []
    for name, value in user.items():
        declared, usual = feature(name), users.features.get(name)
        if usual is None or value is None or declared.unit == "yes or no":
            continue
        if value != filled.get(name) and not usual.low <= value <= usual.high:
            found.append(
                translate(
                    "“{feature}” is {value}; usual is {low} to {high}.",
                    feature=translate(declared.description),
                    value=digits(value),
                    low=digits(usual.low),
                    high=digits(usual.high),
                )
            )
    return found
