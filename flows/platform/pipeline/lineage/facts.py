"""What a step found out about what it read and wrote: counts, versions, verdicts; never values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.platform.pipeline.declaration import Dataset


@dataclass(frozen=True)
class Verdict:
    """One check of a suite, and whether the dataset passed it."""

    check: str
    success: bool
    column: str | None = None


@dataclass(frozen=True)
class Facts:
    """By dataset: `rows` read or written; `versions`, such as a hash or a model's version.

    `verdicts` on what was read. `columns`: by column written, the columns that it is made from.
    `fields`: names and types of columns, where the warehouse cannot be asked.
    """

    rows: Mapping[Dataset, int] = field(default_factory=dict)
    versions: Mapping[Dataset, str] = field(default_factory=dict)
    verdicts: Mapping[Dataset, tuple[Verdict, ...]] = field(default_factory=dict)
    columns: Mapping[Dataset, Mapping[str, tuple[tuple[Dataset, str], ...]]] = field(
        default_factory=dict
    )
    fields: Mapping[Dataset, Mapping[str, str]] = field(default_factory=dict)
