"""`python -m benchmarks.startup --against COMMIT`: measure this build beside that commit's."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.startup.bench import AFTER, BEFORE, Bench, Result
from benchmarks.startup.builds import (
    Build,
    find_commit,
    installed,
    installed_commit,
    make_build,
    place_of_worktrees,
)
from benchmarks.startup.cases import CASES, Case, pick
from benchmarks.startup.report import show, write_report
from flows.errors import BadInput, KpiError
from flows.paths import REPOSITORY

_WIDTH = 140  # of the table without a terminal: in a file or a log


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; return 1 when a target is missed, if so requested."""
    options = _parse(arguments)
    progress = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    results: list[Result] = []
    try:
        cases = _check(options)
        commit = find_commit(options.against)
        with place_of_worktrees(options.keep) as place:
            builds = _builds(options, commit, place, progress)
            try:
                with TemporaryDirectory(prefix="kpi-startup-") as name:
                    bench = Bench(builds, Path(name), progress.print, options.users)
                    bench.run(cases, options.times, results)
            finally:
                # Also report what was measured before a command failed.
                results = [result for result in results if result.complete]
                if results:
                    _report(results, builds, options.json)
    except KpiError as error:
        progress.print(str(error))
        return error.exit_code
    return int(options.check and not all(result.met for result in results))


def _check(options: argparse.Namespace) -> list[Case]:
    """Return the cases to measure; reject invalid options before anything runs."""
    if options.times < 1:
        raise BadInput("--times must be at least 1.")
    if options.users < 1:
        raise BadInput("--users must be at least 1.")
    cases: list[Case] = pick(options.case, options.all)
    ours = [folder for folder in (options.before, options.build) if folder is not None]
    deleting = [case.name for case in cases if case.cleans]
    if deleting and REPOSITORY in [folder.resolve() for folder in ours]:
        raise BadInput(f"{', '.join(deleting)}: would delete the Python that measures it.")
    if options.before is not None:
        installed_commit(options.before, find_commit(options.against))
    if options.build is not None:
        installed(options.build)
    if sys.platform != "linux":
        raise BadInput("Only Linux tells what processes used that left the command.")
    return cases


def _builds(
    options: argparse.Namespace, commit: str, place: Path, progress: Console
) -> dict[str, Build]:
    before = (
        installed_commit(options.before, commit)
        if options.before is not None
        else make_build(place, BEFORE, commit, progress.print)
    )
    after = (
        installed(options.build)
        if options.build is not None
        else make_build(place, AFTER, find_commit("HEAD"), progress.print)
    )
    return {BEFORE: before, AFTER: after}


def _report(results: list[Result], builds: dict[str, Build], file: Path | None) -> None:
    console = Console()
    show(results, console if console.is_terminal else Console(width=_WIDTH))
    if file is not None:
        write_report(results, builds, file)
        console.print(f"Written: {file}")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--against", required=True, metavar="COMMIT", help="what to compare with")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="its checkout, installed")
    parser.add_argument(
        "--build", type=Path, metavar="FOLDER", help="the other checkout, as it is; else of HEAD"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where worktrees stay")
    names = ", ".join(case.name for case in CASES)
    parser.add_argument("--case", action="append", metavar="NAME", help=f"of {names}")
    parser.add_argument("--all", action="store_true", help="those that take long, too")
    parser.add_argument("--times", type=int, default=3, help="the median counts")
    parser.add_argument("--users", type=int, default=1_000_000, help="whom `score` scores")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
