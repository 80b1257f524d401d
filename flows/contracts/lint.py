"""Check a contract against the standard's own JSON schema: for `kpi contract lint` and for CI."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from flows.contracts.document import Mapping, Sequence, read_document
from flows.contracts.errors import BadContract
from flows.contracts.read import check_standard, contract_of
from flows.paths import CONTRACTS

SCHEMA = CONTRACTS / "odcs" / "odcs-json-schema-v3.1.0.json"
_LONGEST = 160


def problems_of(path: Path) -> list[BadContract]:
    """Return what is wrong with the file, in the order of its lines; nothing when it is right.

    First what the standard says, then what every run checks as well. Raises nothing: what keeps
    the file from being read is the one problem.
    """
    path = path.expanduser().absolute()
    try:
        document = read_document(path)
        check_standard(path, document)
    except BadContract as problem:
        return [problem]
    problems = [_problem(path, document, error) for error in _schema().iter_errors(document)]
    if problems:
        return sorted(problems, key=lambda problem: problem.line or 0)
    try:
        contract_of(path, document)
    except BadContract as problem:
        return [problem]
    return []


@cache
def _schema() -> Any:
    from jsonschema import Draft201909Validator

    return Draft201909Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _problem(path: Path, document: Mapping, error: Any) -> BadContract:
    from jsonschema.exceptions import best_match

    # Of alternatives, the one that the entry was most likely meant to be.
    error = best_match([error])
    said = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]}…"
    where = ".".join(str(part) for part in error.absolute_path)
    line = _line(document, error.absolute_path)
    return BadContract(
        path, line, f"{f'{where}: ' if where else ''}{said}, says the standard (ODCS 3.1)."
    )


def _line(document: Mapping, parts: Iterable[str | int]) -> int:
    at: Any = document
    line = document.line
    for part in parts:
        if isinstance(at, Mapping) and part in at:
            line = at.lines[str(part)]
        elif isinstance(at, Sequence):
            line = at.lines[int(part)]
        at = at[part]
    return line
