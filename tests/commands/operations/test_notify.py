"""`kpi notify`: what a scheduler tells people of a run that failed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.webhook import webhook

Kpi = Callable[..., Any]


def test_people_are_told_with_a_link(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        said = kpi("notify", "crypto_events_dag failed: 3 < 4", "--link", "http://airflow/run")

    assert (said.code, said.out) == (0, "")
    assert hook.texts == ["crypto_events_dag failed: 3 &lt; 4\n<http://airflow/run|the run>"]


def test_without_a_webhook_it_says_so(kpi: Kpi) -> None:
    said = kpi("notify", "something")

    assert (said.code, said.out) == (0, "Nobody was told: KPI_WEBHOOK_URL is not set.\n")


def test_a_webhook_that_refuses_is_an_error(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook(status=500) as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        said = kpi("notify", "something")

    assert said.code == 1
    assert said.sentence == "kpi: The webhook did not take the message."
