"""Everything that the app says, it says in Spanish, too."""

import ast
import re
from pathlib import Path

from app.churn_model.form import fields
from app.language import translate, translations
from app.views import __file__ as views
from flows.churn.features.definitions import FEATURES
from flows.churn.features.users_file import COLUMNS

APP = Path(views).parents[1]
PLACEHOLDER = re.compile(r"\{[^}]*\}")


def english_texts() -> set[str]:
    """Every text handed to `translate` or `to_translate`, and the features' descriptions."""
    calls = [
        node
        for path in APP.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("translate", "to_translate")
    ]
    literal = [call.args[0] for call in calls]
    texts = {node.value for node in literal if isinstance(node, ast.Constant)}
    return texts | {feature.description for feature in FEATURES}


def test_every_text_has_a_spanish_one_and_none_is_left_over() -> None:
    assert english_texts() == set(translations())


def test_a_translation_keeps_the_placeholders() -> None:
    wrong = {
        english: spanish
        for english, spanish in translations().items()
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(spanish))
    }
    assert not wrong


def test_every_text_stands_in_a_call_where_it_is_found() -> None:
    # A text that came as an f-string would never be translated.
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in (
                "translate",
                "to_translate",
            ):
                assert not isinstance(node.args[0], ast.JoinedStr), f"{path}:{node.lineno}"


def test_units_and_kinds_of_cells_have_names() -> None:
    assert {feature.unit for feature in FEATURES} <= set(fields._UNITS)
    assert {column.type for column in COLUMNS} <= set(translations())


def test_without_a_visitor_it_is_english() -> None:
    assert translate("Columns on {day}", day="2026-06-30") == "Columns on 2026-06-30"
