"""Ten visitors upload the largest allowed file at once: each gets a table, the app stays up."""

from pathlib import Path

import pytest
import yaml

from benchmarks.app.memory import peak_memory
from benchmarks.app.served import served_app
from benchmarks.app.uploads import (
    IN_CONTAINER,
    allowed_megabytes,
    largest_file,
    upload_at_once,
)
from benchmarks.app.visitor import Visitor
from flows.paths import REPOSITORY
from flows.settings import Settings
from tests.churn.handmade_models import Registry

APP = yaml.safe_load((REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8"))[
    "services"
]["app"]
# All of the megabytes, and fewer rows than are allowed: the test is about the first.
ROWS, VISITORS = 5_000, 10


def test_what_is_measured_is_what_the_container_has() -> None:
    assert APP["environment"].items() >= IN_CONTAINER.items()


@pytest.mark.long
def test_ten_of_the_largest_files_at_once(
    settings: Settings, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    Registry(settings, tmp_path_factory).production("good")
    content = largest_file(ROWS, allowed_megabytes())
    with (
        served_app(
            settings, tmp_path / "app.log", **IN_CONTAINER, KPI_UPLOAD_ROWS=str(ROWS)
        ) as address,
        Visitor.on(address, "batch") as visitor,
    ):
        with Visitor.on(address, "batch") as leaving:  # in the midst of it: no turn is lost
            leaving.start(leaving.upload("gone.csv", content))
        with peak_memory(address) as peak:
            uploads = upload_at_once(address, content, VISITORS, patience=120)
        for upload in uploads:
            assert f"Users scored: {ROWS:,}; counting as churning: " in upload.said[-1]
        assert f"{peak.counted:.0f}m" < APP["mem_limit"]

        # It is up, lets go of what it had, and tells of a file that is too long.
        visitor.run(visitor.upload("april.csv", b"user_id\n" + b"1\n" * (ROWS + 1)))
        assert visitor.said[-2:] == [
            "The file was refused, nothing was scored.",
            f"april.csv has {ROWS + 1:,} rows; the app scores at most {ROWS:,} (KPI_UPLOAD_ROWS) "
            "at a time. Split the file, and upload its parts one after the other.",
        ]
