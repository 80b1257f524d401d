"""Imports that cost less give the same packages."""

import gc
import importlib
import subprocess
import sys
import threading
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

import pytest

from flows.lazy_imports import quick_imports

_CLASSES = """
import sys
from typing import Dict, List, Optional

import flows.model_copies
from flows.lazy_imports import quick_imports

if sys.argv[1] == "as it is":
    flows.model_copies.MODULE = ""
with quick_imports():
    import pydantic.v1 as pydantic

quick = hasattr(pydantic.fields.ModelField, "__deepcopy__")
assert quick == (sys.argv[1] == "quick"), "the switch of this test"


class Base(pydantic.BaseModel):
    numbers: List[Dict[str, "Optional[int]"]] = pydantic.Field([], note="of the base")

    @pydantic.validator("numbers", each_item=True)
    def keep(cls, value):
        return value


class Child(Base):
    class Config:
        fields = {"numbers": {"alias": "n", "exclude": {0}}}


for each in (Base, Child):
    field = each.__fields__["numbers"]
    print(field, field.field_info, field.sub_fields, [*field.class_validators], each.schema())
print(Child(n=[{"a": "1"}]), Base(numbers=[{"b": 2}]).dict(), Child(n=[{"a": 1}, {}]).dict())

of_base, of_child = Base.__fields__["numbers"], Child.__fields__["numbers"]
for part in ("field_info", "class_validators", "sub_fields"):
    assert getattr(of_base, part) is not getattr(of_child, part), part
assert of_base.sub_fields[0] is not of_child.sub_fields[0]
of_child.field_info.extra["note"] = "of the child"
assert of_base.field_info.extra == {"note": "of the base"}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that tells when it is loaded, and one that does without another."""
    (tmp_path / "slow_to_load.py").write_text(
        "import builtins\nbuiltins.loaded += 1\nanswer = 42\n"
    )
    (tmp_path / "does_without.py").write_text(
        "try:\n    import slow_to_load\nexcept ImportError:\n    slow_to_load = None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("builtins.loaded", 0, raising=False)
    for name in ("slow_to_load", "does_without"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "slow_to_load"


def loaded() -> int:
    import builtins

    return int(vars(builtins)["loaded"])


def test_a_module_is_loaded_when_it_is_used(package: str) -> None:
    with quick_imports(when_used=(package,)):
        import slow_to_load
        import slow_to_load as again

    assert again is slow_to_load
    assert loaded() == 0
    assert slow_to_load.answer == 42
    assert loaded() == 1


def test_a_part_of_a_package_that_waits_is_loaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = tmp_path / "waits"
    waits.mkdir()
    (waits / "__init__.py").write_text("from waits.errors import Wrong\n")
    (waits / "errors.py").write_text("class Wrong(Exception):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)

    with quick_imports(when_used=("waits",)):
        import waits
    # The part first, as some do.
    from waits.errors import Wrong

    assert Wrong is waits.Wrong
    assert importlib.reload(sys.modules["waits.errors"]).Wrong is not Wrong
    for name in ("waits", "waits.errors"):
        monkeypatch.delitem(sys.modules, name)


def test_an_absent_package_counts_as_not_installed_for_importers_inside(package: str) -> None:
    with quick_imports(absent=(package,)):
        import does_without
    import slow_to_load

    assert does_without.slow_to_load is None
    assert slow_to_load.answer == 42


def test_other_threads_import_as_always(package: str) -> None:
    seen = []

    def elsewhere() -> None:
        import slow_to_load

        seen.append(slow_to_load.answer)

    with quick_imports(absent=(package,)):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    assert seen == [42]


def test_another_thread_asks_every_finder_while_this_one_goes(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def quickly() -> None:
        with quick_imports():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=quickly)

    class Asked(MetaPathFinder):
        """Comes right before the only one that finds the package."""

        def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
            if fullname == package:
                leave.set()
                thread.join()
            return None

    monkeypatch.setattr(sys, "meta_path", [Asked(), PathFinder])
    thread.start()
    entered.wait()

    assert importlib.import_module(package).answer == 42


def test_the_collector_rests_and_goes_on_whatever_happens() -> None:
    finders = list(sys.meta_path)

    rested = []

    def fails() -> None:
        with quick_imports():
            rested.append(not gc.isenabled())
            raise ImportError

    with pytest.raises(ImportError):
        fails()

    assert rested == [True]

    assert gc.isenabled()
    assert sys.meta_path == finders


def test_great_expectations_loads_none_of_what_it_does_not_need() -> None:
    program = (
        "import sys\n"
        "from flows.platform.quality.context import great_expectations\n"
        "gx = great_expectations()\n"
        "assert gx.expectations.ExpectColumnValuesToNotBeNull\n"
        "print([name for name in ('pyspark', 'boto3', 'scipy.optimize', 'altair.vegalite')"
        " if name in sys.modules])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_a_class_gets_the_same_fields_as_by_pydantics_own_way() -> None:
    told = {
        way: subprocess.run(
            [sys.executable, "-c", _CLASSES, way], capture_output=True, text=True, check=False
        )
        for way in ("quick", "as it is")
    }

    assert [each.stderr for each in told.values()] == ["", ""]
    assert told["quick"].stdout == told["as it is"].stdout
    assert "alias" in told["quick"].stdout
