"""A training that only notes what it was asked for, in the place of the real one."""

import sys
from datetime import date
from types import ModuleType

import pytest

Asked = list[tuple[date | None, str | None]]


def note_trainings(monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> Asked:
    """Put a flow churn-training in place that notes its parameters, and return the notes."""
    from prefect import flow

    asked: Asked = []

    @flow(name="churn-training")
    def churn_training(as_of: date | None = None, source: str | None = None) -> None:
        asked.append((as_of, source))
        if fails:
            message = "nothing was learned"
            raise ValueError(message)

    module = ModuleType("flows.churn.training")
    module.__dict__["churn_training"] = churn_training
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return asked
