"""`python -m benchmarks.app.uploads`: many visitors upload the largest allowed file at once."""

import argparse
import sys
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.app.memory import Peak, peak_memory
from benchmarks.app.served import served_app
from benchmarks.app.visitor import Visitor
from flows.churn.features.users_file import COLUMNS, USER
from flows.paths import REPOSITORY
from flows.settings import load_settings

# What compose.yaml sets for the app.
IN_CONTAINER = {
    "KPI_DUCKDB_MEMORY_MB": "128",
    "KPI_DUCKDB_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "262144",
}
_SEED = 2026
_ENVELOPE = 2000  # what an upload has around its file counts, too


@dataclass(frozen=True)
class Upload:
    """What a visitor was told in the end, and after how many seconds."""

    said: list[str]
    seconds: float


def largest_file(rows: int, megabytes: int) -> bytes:
    """Return a CSV file with so many users, every feature, and text up to the allowed size."""
    random = np.random.default_rng(_SEED)
    table = pd.DataFrame({USER: np.arange(rows) + 10**9})
    for column in COLUMNS[1:]:
        most = column.maximum or 1_000
        table[column.name] = (
            random.integers(0, most + 1, rows)
            if column.type == "whole number"
            else (random.random(rows) * most).round(4)
        )
    table["note"] = "x"
    content = table.to_csv(index=False)
    room = (megabytes * 1024**2 - _ENVELOPE - len(content)) // rows
    return content.replace(",x\n", f",{'x' * room}\n").encode()


def upload_at_once(address: str, content: bytes, visitors: int, patience: float) -> list[Upload]:
    """Upload the file in so many sessions at the same time; return what each was told."""

    def upload(number: int) -> Upload:
        with Visitor.on(address, "batch", patience) as visitor:
            begun = time.monotonic()
            visitor.run(visitor.upload(f"{number}.csv", content), patience_seconds=patience)
            return Upload(visitor.said, time.monotonic() - begun)

    with ThreadPoolExecutor(visitors) as pool:
        return list(pool.map(upload, range(visitors)))


def allowed_megabytes() -> int:
    """Return the largest upload that the app's own configuration allows."""
    config = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return int(config["server"]["maxUploadSize"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the app with the settings and what its container sets; print its peak memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app.uploads", description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 10])
    options = parser.parse_args(arguments)
    settings = load_settings()
    content = largest_file(settings.upload_rows, allowed_megabytes())
    table = Table("visitors", "scored", "before MB", "own MB", "with /tmp MB", "longest s")
    for visitors in options.visitors:
        with (
            TemporaryDirectory() as folder,
            served_app(settings, Path(folder) / "app.log", **IN_CONTAINER) as address,
            Visitor.on(address, "batch"),
            peak_memory(address) as peak,
        ):
            uploads = upload_at_once(address, content, visitors, settings.patience_seconds)
        _add(table, uploads, peak)
    Console().print(table)


def _add(table: Table, uploads: list[Upload], peak: Peak) -> None:
    scored = sum(any("Users scored" in said for said in upload.said) for upload in uploads)
    longest = max(upload.seconds for upload in uploads)
    figures = (
        f"{peak.at_first:,.0f}",
        f"{peak.own:,.0f}",
        f"{peak.counted:,.0f}",
        f"{longest:.0f}",
    )
    table.add_row(str(len(uploads)), str(scored), *figures)


if __name__ == "__main__":
    main(sys.argv[1:])
