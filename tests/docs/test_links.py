"""Links between the documents lead somewhere, and the files that they name are there."""

import re
from pathlib import Path

import pytest

from flows.paths import REPOSITORY

DOCUMENTS = [
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    *(REPOSITORY / name for name in ("CONTRIBUTING.md", "README.md", "SECURITY.md")),
]
TELL_OF_FILES = [
    REPOSITORY / "docs" / "architecture.md",
    *sorted((REPOSITORY / "docs" / "decisions").glob("*.md")),
]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FILE = re.compile(r"`((?:app|deployments|docs|flows|hosted|requirements|sql|tests)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(document: Path) -> None:
    lost = []
    for name, anchor in _LINK.findall(document.read_text(encoding="utf-8")):
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(f"{name}#{anchor}")

    assert lost == []


@pytest.mark.parametrize("document", TELL_OF_FILES, ids=lambda path: path.name)
def test_every_file_that_it_names_is_there(document: Path) -> None:
    named = _FILE.findall(document.read_text(encoding="utf-8"))

    assert [name for name in named if not (REPOSITORY / name).exists()] == []


def _anchors(document: Path) -> set[str]:
    """Return what GitHub calls the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
