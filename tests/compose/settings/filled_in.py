"""The compose file as Compose reads it: with the variables of an environment file put in."""

import re
from collections.abc import Mapping

# The innermost of nested ones: `${NAME}`, `${NAME-what is unset}`, `${NAME:-what is empty}`, `:+`.
_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:?)([-+?])([^{}]*))?\}")


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Return the text with each variable's value, or its default where it has none."""

    def value(found: re.Match[str]) -> str:
        name, empty_counts, how, other = found.groups()
        is_given = bool(values.get(name)) if empty_counts else name in values
        if how == "+":
            return str(other) if is_given else ""
        assert is_given or how != "?", f"{name}: {other}"
        return values.get(name, "") if is_given or how is None else str(other)

    while _VARIABLE.search(text):
        text = _VARIABLE.sub(value, text)
    return text
