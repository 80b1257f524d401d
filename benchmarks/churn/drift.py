"""`python -m benchmarks.churn.drift`: how often a quiet week alarms, and a changed one is seen.

A simulation: weeks of users are drawn from made-up users whose features the pipeline computes, and
compared as `kpi drift` compares them. In a quiet week all come from the same users; in a changed
one each number is higher by a third of its standard deviation, and as many more users, or fewer,
say yes. Fails when a quiet week alarms more often than in 5 %, or a change is seen less often than
in 90 %.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from flows.churn.drift.columns import SHARE, YES_OR_NO, Compared, compare_columns
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot, snapshot
from flows.churn.planning import plan_snapshot
from flows.churn.sample_data.writer import write_sample_data
from flows.paths import REPOSITORY
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings
from flows.settings.churn import ChurnSettings

_POPULATION = 50_000
_SHIFT = 1 / 3
_SHIFTED_USERS = 1000
_FIXED_THRESHOLD = 0.1
_FALSE_ALARMS, _SEEN = 0.05, 0.9
_SEED = 2026
_HALF = 0.5
_WIDTH = 140


@dataclass(frozen=True)
class Quiet:
    """Weeks of so many users in which nothing changed: the shares of them that alarmed.

    `fixed`: had every column drifted from 0.1 on, whatever the number of users.
    """

    users: int
    weeks_of_reference: int
    any_column: float
    drifted_week: float
    fixed_any_column: float
    fixed_drifted_week: float


@dataclass(frozen=True)
class Changed:
    """Weeks in which every column moved: the shares of them in which it was seen."""

    users: int
    weeks_of_reference: int
    least_seen_column: str
    least_seen: float
    drifted_week: float


@dataclass(frozen=True)
class Rates:
    """What the simulation found."""

    repetitions: int
    quiet: list[Quiet]
    changed: list[Changed]

    @property
    def met(self) -> bool:
        """Whether false alarms are as rare, and changes seen as often, as they must be."""
        rare = all(rate.any_column <= _FALSE_ALARMS for rate in self.quiet)
        return rare and all(rate.least_seen >= _SEEN for rate in self.changed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print the rates and write them as JSON; return 1 when they are not met."""
    options = _parse(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    with TemporaryDirectory(prefix="kpi-drift-") as name:
        population = made_up_users(Path(name), options.population)
    rates = simulate(population, options.users, options.repetitions)
    show(rates, console)
    options.output.mkdir(parents=True, exist_ok=True)
    report = options.output / "churn_drift.json"
    write_json(report, asdict(rates))
    console.print(f"Written: {report}")
    return 0 if rates.met else 1


def made_up_users(folder: Path, users: int) -> pd.DataFrame:
    """Return the features of so many made-up users, as the drift monitor describes them."""
    write_sample_data(folder / "source", users=users, seed=_SEED)
    settings = Settings(home=folder / "kpi", database_url=None)
    run = plan_snapshot(settings, source=folder / "source")
    build_current_snapshot(settings, run)
    return pd.read_parquet(snapshot(settings, run))[list(FEATURE_NAMES)]


def simulate(population: pd.DataFrame, sizes: Sequence[int], repetitions: int) -> Rates:
    """Return the rates for weeks of each size, against a reference of one week and of eight."""
    churn = ChurnSettings()
    references = (1, churn.drift_snapshots)
    return Rates(
        repetitions,
        [
            _quiet(churn, population, users, weeks, repetitions)
            for users in sizes
            for weeks in references
        ],
        [_changed(churn, population, weeks, repetitions) for weeks in references],
    )


def _quiet(
    churn: ChurnSettings, population: pd.DataFrame, users: int, weeks: int, repetitions: int
) -> Quiet:
    found = [
        compare_columns(churn, current, reference)
        for current, reference in _weeks(population, users, weeks, repetitions)
    ]
    fixed = [[column.score >= _FIXED_THRESHOLD for column in each.values] for each in found]
    drifted = [[column.drifted for column in each.columns] for each in found]
    return Quiet(
        users,
        weeks,
        any_column=float(np.mean([any(each) for each in drifted])),
        drifted_week=float(np.mean([np.mean(each) >= churn.drift_share for each in drifted])),
        fixed_any_column=float(np.mean([any(each) for each in fixed])),
        fixed_drifted_week=float(np.mean([np.mean(each) >= churn.drift_share for each in fixed])),
    )


def _changed(
    churn: ChurnSettings, population: pd.DataFrame, weeks: int, repetitions: int
) -> Changed:
    found = [
        compare_columns(churn, _moved(current, population, seed), reference)
        for seed, (current, reference) in enumerate(
            _weeks(population, _SHIFTED_USERS, weeks, repetitions)
        )
    ]
    seen = pd.DataFrame([_seen(each) for each in found]).mean()
    drifted = [np.mean([column.drifted for column in each.columns]) for each in found]
    return Changed(
        _SHIFTED_USERS,
        weeks,
        least_seen_column=str(seen.idxmin()),
        least_seen=float(seen.min()),
        drifted_week=float(np.mean([share >= churn.drift_share for share in drifted])),
    )


def _seen(compared: Compared) -> dict[str, bool]:
    # A reference without spread has no standard deviation to move by.
    return {
        column.column_name: column.drifted for column in compared.values if column.method != SHARE
    }


def _weeks(
    population: pd.DataFrame, users: int, weeks: int, repetitions: int
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    draw = np.random.default_rng((_SEED, users, weeks))
    values = population.to_numpy()
    for _ in range(repetitions):
        yield (
            pd.DataFrame(values[draw.integers(0, len(values), users)], columns=population.columns),
            pd.DataFrame(
                values[draw.integers(0, len(values), users * weeks)], columns=population.columns
            ),
        )


def _moved(users: pd.DataFrame, population: pd.DataFrame, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    moved = users.copy()
    for name in users:
        step = _SHIFT * population[name].std()
        if name not in YES_OR_NO:
            moved[name] = users[name] + step
            continue
        yes = population[name].mean()
        rarer = 0 if yes > _HALF else 1
        chosen = draw.random(len(users)) < step / max(yes, 1 - yes)
        moved[name] = users[name].mask(chosen & users[name].notna(), rarer)
    return moved


def show(rates: Rates, console: Console) -> None:
    """Print both tables."""
    quiet = _table(
        f"Nothing changed, {rates.repetitions:,} weeks each: share of weeks that alarm",
        "users",
        "weeks of reference",
        "any column",
        "week drifted",
        "any column from 0.1",
        "week drifted from 0.1",
    )
    for found in rates.quiet:
        quiet.add_row(
            f"{found.users:,}",
            str(found.weeks_of_reference),
            f"{found.any_column:.1%}",
            f"{found.drifted_week:.1%}",
            f"{found.fixed_any_column:.1%}",
            f"{found.fixed_drifted_week:.1%}",
        )
    changed = _table(
        f"A third of a standard deviation, {rates.repetitions:,} weeks each: share that is seen",
        "users",
        "weeks of reference",
        "week drifted",
        "least seen column",
        "column",
    )
    for seen in rates.changed:
        changed.add_row(
            f"{seen.users:,}",
            str(seen.weeks_of_reference),
            f"{seen.drifted_week:.1%}",
            f"{seen.least_seen:.1%}",
            seen.least_seen_column,
        )
    console.print(quiet)
    console.print(changed)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.churn.drift", description=__doc__)
    sizes = [100, 200, 500, 1000, 5000, 25_000]
    parser.add_argument("--users", type=int, nargs="+", default=sizes)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--population", type=int, default=_POPULATION, help="users to draw from")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks" / "results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
