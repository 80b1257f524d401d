"""The module as a text, and its own tests in terraform/tests."""

import re

import pytest

from tests.terraform.terraform_module import SOURCE, Module

TESTS = sorted((SOURCE / "tests").glob("*.tftest.hcl"))
VARIABLES = sorted(SOURCE.glob("variables*.tf"))


def test_it_is_formatted_and_valid(module: Module) -> None:
    formatted = module.run("fmt", "-check", "-recursive", "-no-color")
    assert (formatted.code, formatted.said) == (0, "")

    validated = module.run("validate", "-no-color")
    assert validated.code == 0, validated.said


def test_the_lock_is_what_this_version_asks_for(module: Module) -> None:
    lock = module.folder / ".terraform.lock.hcl"
    before = lock.read_text()
    pinned = re.search(r'version = "([0-9.]+)"', (SOURCE / "versions.tf").read_text())

    done = module.run("init", "-input=false", "-no-color", "-lockfile=readonly")

    assert done.code == 0, done.said
    assert lock.read_text() == before
    assert pinned is not None
    assert f'version     = "{pinned[1]}"' in before
    # One for each package that was published, whatever system it is for.
    assert len(re.findall(r'"zh:[0-9a-f]{64}"', before)) >= 14


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name.partition(".")[0])
def test_its_own_tests_pass(module: Module, file: str) -> None:
    runs = len(re.findall(r'^run "', (SOURCE / "tests" / file).read_text(), flags=re.MULTILINE))

    done = module.run("test", f"-filter=tests/{file.name}", "-no-color", given={})

    assert done.code == 0, done.said
    assert f"Success! {runs} passed, 0 failed." in done.said


def test_every_variable_and_output_is_described_and_every_rule_is_tested() -> None:
    text = "".join(path.read_text() for path in VARIABLES)
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, flags=re.MULTILINE | re.DOTALL)
    refused = " ".join(re.findall(r"expect_failures = \[(.*?)\]", _tests(), flags=re.DOTALL))

    assert len(blocks) == text.count("\nvariable ")
    for name, block in blocks:
        assert re.search(r'^  description = ".+\."$', block, flags=re.MULTILINE), name
        assert re.search(r"^  type        = ", block, flags=re.MULTILINE), name
        # Nothing but true and false needs no rule.
        assert ("validation {" in block) is ("= bool" not in block), name
        assert re.search(rf"\bvar\.{name}\b", refused) or "= bool" in block, name
    for message in re.findall(r'error_message = "(.*)"$', text, flags=re.MULTILINE):
        assert re.search(r"[:;] .+\.$", message), message


def _tests() -> str:
    return "".join(path.read_text() for path in TESTS)
