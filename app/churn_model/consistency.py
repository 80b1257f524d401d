"""Features of one user that contradict each other, declared once for the form and for files."""

from typing import TYPE_CHECKING

from app.language import translate
from flows.churn.features.definitions import FEATURES, feature

if TYPE_CHECKING:
    from pandas import DataFrame

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
                "“{part}” ({part_value:g}) is more than “{whole}” ({whole_value:g}), "
                "which contains it.",
                part=translate(feature(part).description),
                part_value=first[part],
                whole=translate(feature(whole).description),
                whole_value=first[whole],
            )
            if len(users) == 1
            else translate(
                "{part} is more than {whole}, which contains it, in {rows:,} rows "
                "(the first is row {row:,}).",
                part=part,
                whole=whole,
                rows=int(broken.sum()),
                row=int(broken.argmax()) + 1,
            )
        )
    return found


def unusual(users: "DataFrame") -> list[str]:
    """Return a sentence for each feature of a single user that is outside its usual range."""
    found = []
    for name, value in users.iloc[0].items():
        declared = feature(str(name))
        low, high = declared.display_range
        if value < low or value > high:
            found.append(
                translate(
                    "“{feature}” is {value:g}; usual is {low:g} to {high:g}.",
                    feature=translate(declared.description),
                    value=value,
                    low=low,
                    high=high,
                )
            )
    return found
