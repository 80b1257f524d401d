"""What a page of the app says, as Streamlit's test client has it."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]


def said(app: AppTest) -> str:
    """Return every text that the page shows, line by line."""
    assert not app.exception, app.exception
    texts = [
        *(element.value for element in app.title),
        *(element.value for element in app.header),
        *(element.value for element in app.markdown),
        *(element.value for element in app.caption),
        *(element.value for element in app.text),
        *(
            element.value
            for kind in (app.info, app.success, app.warning, app.error)
            for element in kind
        ),
        *(f"{element.label}: {element.value}" for element in app.metric),
    ]
    return "\n".join(map(str, texts))


def tables(app: AppTest) -> list[list[dict[str, object]]]:
    """Return the rows of each table that the page shows."""
    return [table.value.to_dict("records") for table in app.table]


def asked_for(app: AppTest) -> dict[str, float | None]:
    """Return the features that the form asks for, and what stands in its fields."""
    return {
        str(found.key).removeprefix("feature "): found.value
        for found in (*app.number_input, *app.radio)
        if str(found.key).startswith("feature ")
    }
