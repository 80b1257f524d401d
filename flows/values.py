"""Delivered values within sentences: marked where they are written, so that they can be left out.

States, webhooks, artifacts and logs get a sentence without them (`without_values`); a terminal, and
who uploaded the file, the whole one (`in_full`).
"""

import re

# Private use: no text of ours has these characters, and they are taken out of a value.
_BEGIN, _END = "\ue000", "\ue001"
_MARKS = re.compile(f"[{_BEGIN}{_END}]")
# A sentence that was cut within a value ends there.
_MARKED = re.compile(f"{_BEGIN}[^{_END}]*(?:{_END}|$)")


def value(text: str) -> str:
    """Mark a piece of a sentence that holds delivered values, with the blank before it."""
    return f"{_BEGIN}{in_full(text)}{_END}"


def in_full(text: str) -> str:
    """Return the text with its values."""
    return _MARKS.sub("", text)


def without_values(text: str) -> str:
    """Return the text without its values."""
    return _MARKED.sub("", text)
