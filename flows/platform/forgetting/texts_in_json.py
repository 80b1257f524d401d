"""User ids in texts that may be JSON, and JSON within: what is written out in words is hidden."""

import json
from typing import Any

from flows.platform.forgetting.numbers_in_text import without_people
from flows.platform.forgetting.people import People


def texts_without(held: Any, people: People) -> tuple[Any, int]:
    """Return it without their ids in its texts, and how many ids those were.

    Numbers of JSON stay, being counts, and so do names of fields. What holds none of their ids is
    the same to the last byte.
    """
    if isinstance(held, str):
        try:
            inner = json.loads(held)
        except ValueError:
            return without_people(held, people)
        if not isinstance(inner, dict | list | str):
            return without_people(held, people)
        kept, found = texts_without(inner, people)
        return (json.dumps(kept) if found else held), found
    if isinstance(held, dict):
        parts = {name: texts_without(each, people) for name, each in held.items()}
        return {name: kept for name, (kept, _) in parts.items()}, sum(n for _, n in parts.values())
    if isinstance(held, list):
        items = [texts_without(each, people) for each in held]
        return [kept for kept, _ in items], sum(n for _, n in items)
    return held, 0
