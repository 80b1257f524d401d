"""What is measured: all cases, their targets, and the homes that they start from."""

from dataclasses import dataclass

from flows.errors import BadInput

Command = tuple[str, ...]

_SAMPLE = ("--source", "data/churn")
_TRAIN: Command = ("kpi", "train", *_SAMPLE)

NEW = "new"  # an empty folder each time
# By name, the commands run once in a home before measuring in it; {home} is its folder, {users} how
# many users `score` has.
HOMES: dict[str, tuple[Command, ...]] = {
    "used": (("kpi", "run"),),
    "trained": (_TRAIN,),
    # Drift is measured against earlier weeks.
    "watched": tuple(
        command
        for day in ("2026-06-16", "2026-06-23")
        for command in (
            ("kpi", "sample-data", "--as-of", day, "--to", f"{{home}}/{day}"),
            ("kpi", "drift", "--source", f"{{home}}/{day}"),
        )
    ),
    "many users": (_TRAIN, ("kpi", "sample-data", "--users", "{users}", "--to", "{home}/users")),
    "started": (("kpi", "up"),),
    "shown": (("make", "demo"),),
}


@dataclass(frozen=True)
class Case:
    """A command, and the allowed ratio of its CPU seconds to those before; of its memory, too.

    `home` is NEW, one of HOMES, or None: what it starts creates its own homes. `prepare` runs
    before each measurement. `stays`: what it starts keeps running after it ends. `heavy` cases
    run only on request; `cleans`: the checkout's installation is deleted.
    """

    name: str
    title: str
    target: float
    command: Command
    home: str | None = "used"
    prepare: tuple[Command, ...] = ()
    stays: bool = False
    heavy: bool = False
    cleans: bool = False
    memory_target: float | None = None


_SCORE: Command = ("kpi", "score", "--source", "{home}/users")
_CLEAN: Command = ("make", "clean")
_TOOLS: Command = ("make", ".venv/.dev", ".venv-airflow/.done")

CASES = (
    Case("help", "kpi --help", 0.6, ("kpi", "--help")),
    Case("rejects", "kpi rejects", 0.6, ("kpi", "rejects")),
    Case("psql", "kpi psql", 0.6, ("kpi", "psql", "-c", "SELECT 1")),
    Case("run", "kpi run, used home", 0.5, ("kpi", "run")),
    Case("first-run", "kpi run, new home", 0.4, ("kpi", "run"), NEW),
    Case("train", "kpi train", 0.5, _TRAIN, "trained"),
    Case("drift", "kpi drift", 0.6, ("kpi", "drift", *_SAMPLE), "watched"),
    Case("score", "kpi score", 1.5, _SCORE, "many users", heavy=True, memory_target=1.0),
    Case("up", "kpi up, empty folder", 0.5, ("kpi", "up"), NEW, stays=True),
    Case("up-again", "kpi up, again", 0.5, ("kpi", "up"), "started", stays=True),
    Case("demo", "make demo, warm", 0.5, ("make", "demo"), "shown"),
    Case("demo-cold", "make demo, cold", 0.65, ("make", "demo"), NEW, (_CLEAN,), False, True, True),
    Case("test", "make test", 0.4, ("make", "test"), None, (_TOOLS,), heavy=True),
    Case("ci", ".ci/run", 0.5, (".ci/run",), None, (_CLEAN,), heavy=True, cleans=True),
)


def pick(names: list[str] | None, everything: bool) -> list[Case]:
    """Return the named cases, in the table's order; without names, the light ones."""
    known = [case.name for case in CASES]
    if unknown := [name for name in names or [] if name not in known]:
        raise BadInput(f"There is no case {', '.join(unknown)}; there are {', '.join(known)}.")
    if names:
        return [case for case in CASES if case.name in names or everything]
    return [case for case in CASES if everything or not case.heavy]
