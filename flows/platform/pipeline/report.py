"""What a step reports to people."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Report:
    """A report for people, shown as an artifact.

    `content` is a list of rows for a table, a text for markdown, a URL for a link.
    """

    kind: Literal["table", "markdown", "link"]
    key: str
    description: str
    content: list[dict[str, Any]] | str
