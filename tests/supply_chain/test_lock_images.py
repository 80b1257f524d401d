"""Every image that is fetched is named by its digest, which registries alone give."""

import os
import re
import shutil
from pathlib import Path

import pytest

from flows.paths import REPOSITORY
from tests.supply_chain.command import supply_chain

FILES = ("compose.yaml", ".env.example", "images/Dockerfile")
DIGEST = f"sha256:{'ab' * 32}"
# Stands in for Docker where no registry can be reached: each image has this digest, but Redis.
DOCKER = f"""#!/bin/sh
case "$*" in
  pull*redis*) [ -z "$NO_REDIS" ] ;;
  pull*) ;;
  "image inspect"*) for last; do :; done; echo "${{last%:*}}@{DIGEST}" ;;
esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of what names images, and a Docker."""
    (tmp_path / "compose" / "images").mkdir(parents=True)
    for file in FILES:
        shutil.copy(REPOSITORY / "compose" / file, tmp_path / "compose" / file)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(DOCKER)
    (tmp_path / "bin" / "docker").chmod(0o755)
    return tmp_path


def test_every_image_that_is_fetched_has_the_same_digest_wherever_it_is_named() -> None:
    named: dict[str, set[str]] = {}
    for file in FILES:
        text = (REPOSITORY / "compose" / file).read_text(encoding="utf-8")
        for name, image in re.findall(r"([A-Z]+_IMAGE)(?:=|:-)([^\s}]+)", text):
            named.setdefault(name, set()).add(image)

    built = {"KPI_IMAGE", "AIRFLOW_IMAGE"}
    assert named.keys() > built
    for name, images in named.items():
        assert len(images) == 1, name
        assert bool(re.fullmatch(r"\S+:\S+@sha256:[0-9a-f]{64}", *images)) == (name not in built)


def texts(place: Path) -> dict[str, str]:
    return {file: (place / "compose" / file).read_text(encoding="utf-8") for file in FILES}


def test_every_place_that_names_an_image_gets_its_digest(place: Path) -> None:
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    for _ in range(2):  # the second time from what the first has written
        done = supply_chain("lock-images", cwd=place, PATH=path)
        assert done.returncode == 0, done.stderr
        found = texts(place)
        assert f"POSTGRES_IMAGE=postgres:15@{DIGEST}\n" in found[".env.example"]
        assert f"image: ${{POSTGRES_IMAGE:-postgres:15@{DIGEST}}}\n" in found["compose.yaml"]
        python = f"python:3.11-slim-bookworm@{DIGEST}"
        assert f"PYTHON_IMAGE: ${{PYTHON_IMAGE:-{python}}}\n" in found["compose.yaml"]
        assert f"ARG PYTHON_IMAGE={python}\n" in found["images/Dockerfile"]
        assert [found[file].count(DIGEST) for file in FILES] == [5, 5, 1]
        assert "KPI_IMAGE=kpi-delivery:local\n" in found[".env.example"]


def test_where_a_registry_does_not_answer_nothing_is_written(place: Path) -> None:
    before = texts(place)
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    done = supply_chain("lock-images", cwd=place, PATH=path, NO_REDIS="1")
    assert done.returncode == os.EX_UNAVAILABLE
    assert done.stderr == (
        "kpi: not reachable: the registry of redis:7 gives no image, so nothing was written.\n"
    )
    assert texts(place) == before
