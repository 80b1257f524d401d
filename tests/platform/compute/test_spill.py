"""Copies lie where whoever forgets a person looks for them."""

import ast

from flows.paths import REPOSITORY

TEMPORARY = {
    *("TemporaryDirectory", "TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile"),
    *("mkdtemp", "mkstemp"),
}
# Coefficients, a model's card and plot, definitions of deployments, numbers: nobody is in these.
HOLD_NOBODY = {
    "flows/churn/production/document.py",
    "app/churn_model/logged_model.py",
    "flows/platform/deployments/declared.py",
    "flows/platform/compute/keep_java_classes.py",
}


def test_no_copy_of_peoples_data_goes_to_the_systems_temporary_files() -> None:
    """Where a killed process leaves it, and nobody looks; `scratch_folder` is in the home."""
    found = set()
    for place in ("flows", "app"):
        for path in (REPOSITORY / place).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(call, ast.Call):
                    continue
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                if name in TEMPORARY and "dir" not in {each.arg for each in call.keywords}:
                    found.add(path.relative_to(REPOSITORY).as_posix())
    assert found == HOLD_NOBODY
