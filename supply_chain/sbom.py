"""Write what a release consists of as CycloneDX, checked against the format's schema."""

from pathlib import Path

from supply_chain.tools import ENVIRONMENT, Problem, run, say

# What is installed, and the file of locked packages that it is made from.
PARTS = {
    "installer": "bootstrap",
    "kpi-delivery": "app",
    "image-kpi-delivery": "stack",
    "image-kpi-delivery-airflow": "airflow",
    "images-s3a-jars": "s3a",
}


def write(folder: Path, parts: list[str]) -> None:
    """Write a file for each of these parts; the same commit gives the same bytes.

    Raises Problem when one cannot be made, or breaks the schema.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in parts:
        lock = PARTS[name]
        file = folder / f"{name}.cdx.json"
        done = run(
            ENVIRONMENT / "cyclonedx-py",
            *("requirements", f"requirements/{lock}.txt", "--pyproject", "pyproject.toml"),
            *("--output-reproducible", "--validate", "--output-file", file),
            SOURCE_DATE_EPOCH=_time_of_commit(),
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise Problem(f"{file} could not be written: {last}")
        say(f"{file} is written.")


def _time_of_commit() -> str:
    return run("git", "log", "-1", "--format=%ct").stdout.strip() or "0"
