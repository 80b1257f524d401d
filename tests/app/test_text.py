"""What somebody else wrote is shown as it is, wherever Streamlit reads Markdown."""

import pytest

from app.text import plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("![x](https://elsewhere.example/x.png)", r"!\[x\](https://elsewhere.example/x.png)"),
        (":red[no] $x$ ~~a~~", r":red\[no\] \$x\$ \~\~a\~\~"),
        ("<b>*a_b*`c`|d</b>", r"\<b\>\*a\_b\*\`c\`\|d\</b\>"),
        ("a\\", "a\\\\"),
        ("3 of 4 reasons - see line 2.", "3 of 4 reasons - see line 2."),
    ],
)
def test_nothing_in_it_means_anything(written: str, shown: str) -> None:
    assert plain(written) == shown
