"""Text that somebody else wrote, in places where Streamlit reads Markdown."""

import re

# What makes links, pictures, colours, formulas and tables, in Markdown or for Streamlit.
_MEANS_SOMETHING = re.compile(r"([\\`*_\[\]<>|~$])")


def plain(text: str) -> str:
    """Return what shows the text as it is, wherever Markdown is read."""
    return _MEANS_SOMETHING.sub(r"\\\1", text)
