"""The errors that are sentences, and how they are found in what programs say."""

import re
from collections.abc import Mapping


class Refusal(Exception):
    """Something a user can act on; its text is the whole message."""


def sentence_for(said: str, sentences: Mapping[str, str]) -> str | None:
    """The sentence of the first pattern that is found in what a program said."""
    # Without colours, frames and the breaks of lines.
    plain = " ".join(re.sub(r"\x1b\[[0-9;]*m|│", " ", said).split())
    for pattern, sentence in sentences.items():
        if found := re.search(pattern, plain):
            return sentence.format(*found.groups())
    return None
