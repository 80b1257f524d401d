"""The measurements in order: every engine works on the same files, in one run."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.churn import ours, work
from benchmarks.churn.child import Outcome, run_in_child
from benchmarks.churn.compare import Agreement, check_same
from benchmarks.churn.place import Place, deliver

SPARK_UP_TO = 200_000  # users; beyond that, Spark on one machine only takes long

Say = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """All outcomes for one number of users, and what was compared."""

    users: int
    rows: dict[str, int]
    outcomes: dict[str, list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    agreements: dict[str, Agreement] = field(default_factory=dict)

    def typical(self, name: str) -> Outcome:
        """Median of each figure."""
        done = self.outcomes[name]
        answers = [outcome.answer for outcome in done]
        return Outcome(
            wall=median(outcome.wall for outcome in done),
            cpu=median(outcome.cpu for outcome in done),
            peak_memory_mb=median(outcome.peak_memory_mb for outcome in done),
            answer={key: median(answer[key] for answer in answers) for key in answers[0]},
        )


def run_benchmark(folder: Path, sizes: Sequence[int], repetitions: int, say: Say) -> list[Size]:
    """Measure each size; raise KpiError when another engine's features differ from ours."""
    return [_measure(Place(folder / str(users)), users, repetitions, say) for users in sizes]


def _measure(place: Place, users: int, repetitions: int, say: Say) -> Size:
    say(f"{users:,} users: making up a delivery")
    size = Size(users, deliver(place, users))
    with_spark = users <= SPARK_UP_TO
    # Ours first: the others read what the clean step wrote. Features twice, as each overwrites.
    names = [work.FLOOR, work.CLEAN, work.QUERY, *work.RIVALS, work.QUERY_FROM_CSV]
    names += [work.STEP, work.BOTH]
    for repetition in range(repetitions):
        for name in names:
            say(f"{users:,} users, {repetition + 1} of {repetitions}: {name}")
            size.outcomes[name].append(run_in_child(place, name))
    if with_spark:
        ours.clean(place, "ours with Spark", "spark")
        for name in (work.SPARK, *work.TRAINING):
            say(f"{users:,} users: {name}")
            size.outcomes[name].append(run_in_child(place, name))
    for who in (*work.RIVALS, *(["ours with Spark"] if with_spark else [])):
        size.agreements[who] = check_same(place, who)
    shutil.rmtree(place.root)
    return size
