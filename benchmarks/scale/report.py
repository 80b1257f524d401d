"""Growth as a table for people, and as JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scale.growth import Growth

_COLUMNS = (
    *("what", "with", "measured at", "fixed", "per million", "bend"),
    *("checked at", "predicted", "real", "ratio"),
)


def markdown(found: Sequence[Growth]) -> str:
    """Return a table: what the line says, what the larger size really cost, and their ratio."""
    rows = [
        f"{datetime.now(UTC):%Y-%m-%d}. Per million, but for days: per day. `bend`: how far the "
        "sizes between lie from the line.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{'---|' * len(_COLUMNS)}",
    ]
    rows += [f"| {' | '.join(_cells(each))} |" for each in found]
    return "\n".join(rows) + "\n"


def write_report(found: Sequence[Growth], folder: Path) -> None:
    """Write scale.md and scale.json into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.md").write_text(markdown(found), encoding="utf-8")
    figures = [
        {
            **asdict(each),
            "fixed": each.fixed,
            "slope": each.slope,
            "bend": each.bend,
            "ratio": each.ratio,
        }
        for each in found
    ]
    (folder / "scale.json").write_text(f"{json.dumps(figures, indent=1)}\n", encoding="utf-8")


def _cells(each: Growth) -> list[str]:
    unit = 1 if each.of.startswith("days") else 1_000_000
    bend = "" if each.bend is None else f"{each.bend:+.0%}"
    cells = [
        f"{each.name}, {each.unit}",
        each.of,
        ", ".join(f"{size:,}" for size in sorted(each.costs)),
        f"{each.fixed:,.2f}",
        f"{each.slope * unit:,.2f}",
        bend,
    ]
    if each.checked is None:
        return [*cells, "", "", "", ""]
    size = each.checked.size
    return [
        *cells,
        f"{size:,}",
        f"{each.at(size):,.1f}",
        f"{each.checked.cost:,.1f}",
        f"{each.ratio:.2f}",
    ]
