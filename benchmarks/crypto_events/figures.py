"""The figures that have a target, computed from the samples."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.cost import Cost, Samples, total
from benchmarks.crypto_events.bench import A_FIFTH, FEW_CHANGED, WITHOUT_HISTORY, Results
from benchmarks.crypto_events.ours import GENERATOR

_GENERATOR_TIMES = 12
_FIRST_LOAD_RATIO = 1.7
_UNCHANGED_RATIO = 1.3
_UNCHANGED_WAL_MB = 1.0
_CHANGED_DAY_TIMES = 4
_HISTORY_RATIO = 1.1
_WINDOW_RATIO = 1.5
_SUITES_RATIO = 2.5
_MEMORY_MB = 400

_RESOLUTION = 0.01  # of CPU seconds

MEGABYTE = 1024**2


@dataclass(frozen=True)
class Figure:
    """Our cost and a reference.

    `ratio` is ours / reference; if the target says "≥", it is how many times faster we are.
    """

    name: str
    unit: Literal["CPU s", "rows/CPU s", "MB"]
    ours: float
    reference: float | None
    wall: tuple[float, float] | None
    ratio: float | None
    target: str
    met: bool


def figures(results: Results) -> list[Figure]:
    """Return every figure that has a target."""
    samples = results.samples
    return [
        _generator(results),
        _at_most(
            "first load, build + merge : bare INSERT",
            _build_and_merge(samples, "ours/first load"),
            samples.cost("limit/first load/insert"),
            _FIRST_LOAD_RATIO,
        ),
        _at_most(
            "unchanged day, merge : bare compare",
            samples.cost("ours/unchanged/merge_to_prod"),
            samples.cost("limit/unchanged/compare"),
            _UNCHANGED_RATIO,
        ),
        _wal(samples),
        _faster(
            "1 % changed, whole run : common approach",
            samples.round("ours/1 % changed"),
            samples.round("common approach/1 % changed"),
            _CHANGED_DAY_TIMES,
        ),
        _at_most(
            "unchanged days, with : without history",
            samples.all_rounds("ours/unchanged"),
            samples.all_rounds(f"{WITHOUT_HISTORY}ours/unchanged"),
            _HISTORY_RATIO,
        ),
        _larger_window(samples),
        _at_most(
            "both suites : plain SQL",
            _steps(samples, "ours/unchanged", "ge_validate_raw", "ge_validate_candidate"),
            samples.round("plain SQL/unchanged"),
            _SUITES_RATIO,
        ),
        _memory("memory, a run", results.clean.peak_memory_mb),
        _memory("memory, a run with bad rows", results.dirty.peak_memory_mb),
        _memory("memory, generator", results.generator.peak_memory_mb),
    ]


def _larger_window(samples: Samples) -> Figure:
    larger = samples.round(f"{WITHOUT_HISTORY}{FEW_CHANGED}")
    smaller = samples.round(f"{A_FIFTH}{FEW_CHANGED}")
    ratio = larger.cpu_of_both / max(smaller.cpu_of_both, _RESOLUTION)
    return Figure(
        name="the same rows changed, window : a fifth of it, both",
        unit="CPU s",
        ours=larger.cpu_of_both,
        reference=smaller.cpu_of_both,
        wall=(larger.wall, smaller.wall),
        ratio=ratio,
        target=f"< {_WINDOW_RATIO:g}x",
        met=ratio < _WINDOW_RATIO,
    )


def _build_and_merge(samples: Samples, scenario: str) -> Cost:
    return _steps(samples, scenario, "build_events_candidate", "merge_to_prod")


def _steps(samples: Samples, scenario: str, *steps: str) -> Cost:
    return total([samples.cost(f"{scenario}/{step}") for step in steps])


def _generator(results: Results) -> Figure:
    ours = results.generator.costs[GENERATOR]
    loop = results.samples.cost("common approach/generator/row loop")
    rate = results.generated_rows / ours.cpu_of_both
    loop_rate = results.row_loop_rows / loop.cpu_of_both
    return Figure(
        name="generator : row loop",
        unit="rows/CPU s",
        ours=rate,
        reference=loop_rate,
        wall=(results.generated_rows / ours.wall, results.row_loop_rows / loop.wall),
        ratio=rate / loop_rate,
        target=f"≥ {_GENERATOR_TIMES}x",
        met=rate / loop_rate >= _GENERATOR_TIMES,
    )


def _wal(samples: Samples) -> Figure:
    ours = samples.cost("ours/unchanged/merge_to_prod").wal_bytes / MEGABYTE
    upsert = samples.cost("common approach/unchanged/upsert and deactivate").wal_bytes / MEGABYTE
    return Figure(
        name="unchanged day, WAL of merge : upsert",
        unit="MB",
        ours=ours,
        reference=upsert,
        wall=None,
        ratio=None,
        target=f"< {_UNCHANGED_WAL_MB:g} MB",
        met=ours < _UNCHANGED_WAL_MB,
    )


def _at_most(name: str, ours: Cost, reference: Cost, limit: float) -> Figure:
    ratio = ours.cpu / max(reference.cpu, _RESOLUTION)
    return _seconds(name, ours, reference, ratio, f"≤ {limit:g}x", ratio <= limit)


def _faster(name: str, ours: Cost, reference: Cost, times: float) -> Figure:
    ratio = reference.cpu / max(ours.cpu, _RESOLUTION)
    return _seconds(name, ours, reference, ratio, f"≥ {times:g}x faster", ratio >= times)


def _seconds(
    name: str, ours: Cost, reference: Cost, ratio: float, target: str, met: bool
) -> Figure:
    wall = (ours.wall, reference.wall)
    return Figure(name, "CPU s", ours.cpu, reference.cpu, wall, ratio, target, met)


def _memory(name: str, megabytes: float) -> Figure:
    return Figure(
        name, "MB", megabytes, None, None, None, f"< {_MEMORY_MB} MB", megabytes < _MEMORY_MB
    )
