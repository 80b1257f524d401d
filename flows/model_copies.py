"""Let pydantic 1 make classes in less time.

A class gets copies of the fields of its bases, made by `copy.deepcopy`. That walks through types,
functions and settings, of which none can change, and takes a quarter of what importing Great
Expectations costs, a tenth of Prefect 2.
"""

from copy import copy, deepcopy
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any

MODULE = "pydantic.v1.fields"
_HOLD_FIELDS = ("sub_fields", "sub_fields_mapping", "key_field")


def with_quick_copies(spec: ModuleSpec) -> ModuleSpec:
    """Return the spec of pydantic's module of fields, whose fields are copied part by part."""
    if spec.origin and type(spec.loader) is SourceFileLoader:
        spec.loader = _Fields(spec.name, spec.origin)
    return spec


class _Fields(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        module.ModelField.__deepcopy__ = _copy_of_field


def _copy_of_field(field: Any, memo: dict[int, Any]) -> Any:
    """Return a copy that shares with the field only what pydantic replaces and never changes."""
    kind = field.__class__
    copied = kind.__new__(kind)
    memo[id(field)] = copied
    for name in kind.__slots__:
        if hasattr(field, name):
            setattr(copied, name, getattr(field, name))
    for name in _HOLD_FIELDS:
        setattr(copied, name, deepcopy(getattr(field, name), memo))
    copied.class_validators = copy(field.class_validators)
    copied.field_info = copy(field.field_info)
    copied.field_info.extra = copy(field.field_info.extra)
    return copied
