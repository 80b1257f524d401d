"""Growth as a table to paste into docs/scale.md, and as JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scale.findings import Findings, Remark
from benchmarks.scale.growth import Growth

_COLUMNS = (
    *("what", "with", "measured at", "fixed", "per million", "bend"),
    *("checked at", "predicted", "real", "ratio"),
)


def markdown(found: Findings) -> str:
    """Return a table: what the line says, what the larger size really cost, and their ratio.

    Below it, a sentence for each size that failed or needed another setting.
    """
    rows = [
        f"{datetime.now(UTC):%Y-%m-%d}. Per million, but for days: per day. `bend`: how far the "
        "sizes between lie from the line.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{'---|' * len(_COLUMNS)}",
    ]
    rows += [f"| {' | '.join(_cells(each))} |" for each in found.growths()]
    if found.remarks:
        rows += ["", *(_sentence(remark) for remark in found.remarks)]
    return "\n".join(rows) + "\n"


def write_report(found: Findings, folder: Path) -> None:
    """Write scale.md and scale.json into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.md").write_text(markdown(found), encoding="utf-8")
    figures = {
        "growths": _figures(found.growths()),
        "remarks": [asdict(remark) for remark in found.remarks],
    }
    (folder / "scale.json").write_text(f"{json.dumps(figures, indent=1)}\n", encoding="utf-8")


def _figures(growths: Sequence[Growth]) -> list[dict[str, object]]:
    return [
        {
            **asdict(each),
            "fixed": each.fixed,
            "slope": each.slope,
            "bend": each.bend,
            "ratio": each.ratio,
        }
        for each in growths
    ]


def _sentence(remark: Remark) -> str:
    return f"- {remark.size:,} {remark.of}: {remark.text}"


def _cells(each: Growth) -> list[str]:
    unit = 1 if each.of.startswith("days") else 1_000_000
    slope = each.slope
    cells = [
        f"{each.name}, {each.unit}",
        each.of,
        ", ".join(f"{size:,}" for size in sorted(each.costs)),
        _cell(each.fixed, ",.2f"),
        _cell(None if slope is None else slope * unit, ",.2f"),
        _cell(each.bend, "+.0%"),
    ]
    if each.checked is None:
        return [*cells, "", "", "", ""]
    size = each.checked.size
    return [
        *cells,
        f"{size:,}",
        _cell(each.at(size), ",.1f"),
        f"{each.checked.cost:,.1f}",
        _cell(each.ratio, ".2f"),
    ]


def _cell(figure: float | None, form: str) -> str:
    return "" if figure is None else format(figure, form)
