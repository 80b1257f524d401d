"""The whole platform in containers, started once with `make init PROFILE=full` and `make up`.

Excluded from `make test`, because it needs a container engine and a browser.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.app.chromium import chromium
from flows.local.machine import wait_until
from tests.stack.ask.patient_http import get
from tests.stack.stack import Stack, write_environment

SHOW_A_WORKER = """
from urllib.request import urlopen
print(urlopen("http://127.0.0.1:8081/json/").read().decode())
"""

# The whole platform shares two cores with the browser.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The platform with every profile, from nothing; nothing of it is left afterwards."""
    stack = Stack(tmp_path_factory.mktemp("stack") / "platform.env")
    override = Path(__file__).with_name("laid_over.yaml")
    write_environment(stack.file, f"kpi-test-{token_hex(4)}", override)
    try:
        assert "make up starts the rest." in stack.make("init", PROFILE="full")
        stack.make("up", PROFILE="full", BUILD="0")
        yield stack
    finally:
        stack.make("destroy", FORCE="1")
    assert stack.left_behind() == []


@pytest.fixture(scope="session")
def applications(stack: Stack) -> list[dict[str, Any]]:
    """What Spark's master lists as finished soon after a training, for it forgets at its end."""
    assert "Completed" in stack.run_deployment("churn-training/on-change")
    found: list[dict[str, Any]] = []

    def listed() -> bool:
        # The run is Completed before its process, and with it the application, has ended.
        found[:] = get(f"{stack.address('SPARK_UI')}/json/").json()["completedapps"]
        return bool(found)

    wait_until(listed, 120)
    return found


@pytest.fixture(scope="session")
def worked_for(stack: Stack, applications: list[dict[str, Any]]) -> list[set[str]]:
    """For which applications each of Spark's workers had executors, for it forgets as well."""
    pages = [
        json.loads(
            stack.compose(
                *("exec", "-T", "--index", str(index), "spark-worker"),
                *("python", "-c", SHOW_A_WORKER),
            )
        )
        for index in (1, 2)
    ]
    return [
        {executor["appdesc"]["name"] for executor in page["executors"] + page["finishedexecutors"]}
        for page in pages
    ]


@pytest.fixture(scope="session")
def ran(stack: Stack, worked_for: list[set[str]]) -> Stack:
    """The platform after the three deployments ran: one asked for from here, two inside."""
    assert "Completed" in stack.make("crypto-run")
    assert "Completed" in stack.make("drift-run")
    return stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page as on a laptop."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()
