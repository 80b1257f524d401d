"""The measurements in order: both builds alternate, so that both meet the same noise."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

from benchmarks.startup.builds import Build
from benchmarks.startup.cases import HOMES, NEW, Case, Command
from benchmarks.startup.helper import Figures, Order
from benchmarks.startup.measure import measure

BEFORE, AFTER = "before", "after"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """Every figure of a case, by build."""

    case: Case
    figures: dict[str, list[Figures]] = field(default_factory=lambda: defaultdict(list))

    def typical(self, build: str) -> Figures:
        """Median of each figure."""
        done = self.figures[build]
        return Figures(
            cpu=median(figures.cpu for figures in done),
            wall=median(figures.wall for figures in done),
            peak_memory_mb=median(figures.peak_memory_mb for figures in done),
        )

    @property
    def complete(self) -> bool:
        """Whether there is something to compare."""
        return bool(self.figures[BEFORE] and self.figures[AFTER])

    @property
    def ratio(self) -> float:
        """CPU seconds after, as a fraction of those before."""
        return self.typical(AFTER).cpu / self.typical(BEFORE).cpu

    @property
    def memory_ratio(self) -> float:
        """Peak memory after, as a fraction of that before."""
        return self.typical(AFTER).peak_memory_mb / self.typical(BEFORE).peak_memory_mb

    @property
    def met(self) -> bool:
        """Whether the ratios are within the targets."""
        limit = self.case.memory_target
        return self.ratio <= self.case.target and (limit is None or self.memory_ratio <= limit)


@dataclass(frozen=True)
class Bench:
    """Measures cases for both builds; homes and logs are in `place`."""

    builds: dict[str, Build]
    place: Path
    say: Say
    users: int

    def run(self, cases: Sequence[Case], times: int, results: list[Result]) -> None:
        """Add each case's result; raise KpiError when a command fails, keeping earlier results."""
        for case in cases:
            results.append(Result(case))
            for time in range(times):
                for name in self.builds:
                    self.say(f"{case.title}, {time + 1} of {times}: {name}")
                    found = self._measured(name, case)
                    self.say(f"  {found.cpu:.2f} CPU s, {found.wall:.2f} s")
                    results[-1].figures[name].append(found)

    def _measured(self, name: str, case: Case) -> Figures:
        with self._home(name, case) as home:
            for command in case.prepare:
                self._do(name, command, home)
            return self._do(name, case.command, home, case.stays)

    @contextmanager
    def _home(self, name: str, case: Case) -> Iterator[Path | None]:
        if case.home is None:
            yield None
        elif case.home == NEW:
            home = Path(mkdtemp(prefix=f"{name}-", dir=self.place))
            yield home
            shutil.rmtree(home)
        else:
            yield self._prepared_home(name, case.home)

    def _prepared_home(self, name: str, kind: str) -> Path:
        home = self.place / f"{name}-{kind}"
        if not home.exists():
            home.mkdir()
            for command in HOMES[kind]:
                shown = " ".join(command).format(home=home, users=self.users)
                self.say(f"{name}, a home to start from: {shown}")
                self._do(name, command, home)
        return home

    def _do(self, name: str, command: Command, home: Path | None, stays: bool = False) -> Figures:
        build = self.builds[name]
        program, *arguments = (word.format(home=home, users=self.users) for word in command)
        order = Order(
            command=[str(build.kpi) if program == "kpi" else program, *arguments],
            folder=str(build.folder),
            log=str(self.place / "log"),
            finish=[str(build.kpi), "down"],
            stays=stays,
        )
        return measure(order, home)
