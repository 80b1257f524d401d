"""What features say of a person: by that, a training's typical user is told to be theirs."""

from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path

from flows.churn.features.definitions import FEATURE_NAMES
from flows.platform.forgetting.people import People
from flows.settings import Settings

Vector = Mapping[str, float | None]

_USER = "user_id"
_DIGITS = 2  # that a typical user's values are kept with


def vectors_of(settings: Settings, people: People) -> dict[Path, list[Vector]]:
    """Return their rows in every readable file of features under the home folder, by the file."""
    import pyarrow
    from pyarrow import compute, parquet

    found: dict[Path, list[Vector]] = {}
    for path in sorted((settings.home / "churn").rglob("*.parquet")):
        try:
            names = parquet.read_schema(path).names
            if _USER not in names or not set(names) & set(FEATURE_NAMES):
                continue
            rows = parquet.read_table(path, columns=[_USER])
            texts = compute.cast(rows.column(_USER), pyarrow.string())
            theirs = people.among(compute.unique(texts).to_pylist())
            if not theirs:
                continue
            columns = [name for name in names if name in FEATURE_NAMES]
            is_theirs = compute.is_in(texts, value_set=pyarrow.array(theirs))
            kept = parquet.read_table(path, columns=columns).filter(is_theirs)
        except (pyarrow.ArrowException, OSError):
            continue  # whoever searches the home tells of it
        found[path] = kept.to_pylist()
    return found


def is_one_of(typical: Mapping[str, float | None], vectors: Sequence[Vector]) -> bool:
    """Return whether a typical user's values, rounded as they are kept, are those of a vector."""
    return any(
        all(name in vector and _same(vector[name], value) for name, value in typical.items())
        for vector in vectors
    )


def _same(exact: float | None, kept: float | None) -> bool:
    if exact is None or isnan(exact):
        return kept is None
    return kept is not None and round(float(exact), _DIGITS) == kept
