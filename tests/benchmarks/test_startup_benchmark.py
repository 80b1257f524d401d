"""The start-up benchmark: what it counts and how it compares, never how long anything took."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from benchmarks.startup.__main__ import main
from benchmarks.startup.bench import AFTER, BEFORE, Result
from benchmarks.startup.builds import Build, find_commit, make_build, place_of_worktrees
from benchmarks.startup.cases import CASES, HOMES, NEW, pick
from benchmarks.startup.helper import Figures, Order
from benchmarks.startup.measure import clean_environment, measure
from benchmarks.startup.report import show, write_report
from flows.errors import KpiError
from flows.paths import REPOSITORY

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are adopted on Linux")

BURNED = 0.3
MEGABYTES = 150
# Leaves a process that no longer is its child. That one uses CPU and memory, says who it is, and
# ends or stays; the command itself ends when it was told so (`stay`), or at once (`end`).
DAEMON = """
import os, sys, time
from pathlib import Path
file, what = Path(sys.argv[1]), sys.argv[2]
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        held = b"x" * (int(sys.argv[4]) * 1024**2)
        while time.process_time() < float(sys.argv[3]):
            pass
        file.with_suffix(".part").write_text(str(os.getpid()))
        file.with_suffix(".part").rename(file)
        time.sleep(600 if what == "stay" else 0)
    os._exit(0)
os.wait()
while what == "stay" and not file.exists():
    time.sleep(0.01)
"""


def order(folder: Path, *command: str, stays: bool = False, finish: str = "true") -> Order:
    return Order(list(command), str(folder), str(folder / "log"), [finish], stays)


@only_linux
@pytest.mark.parametrize("what", ["end", "stay"])
def test_counts_a_process_that_left_the_command(what: str, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    arguments = str(file), what, str(BURNED), str(MEGABYTES)
    found = measure(order(tmp_path, sys.executable, "-c", DAEMON, *arguments, stays=what == "stay"))
    assert found.cpu >= BURNED
    assert found.peak_memory_mb >= MEGABYTES
    assert found.wall > 0
    # What stayed was counted, and then ended.
    assert not psutil.pid_exists(int(file.read_text()))


@only_linux
def test_what_stays_is_first_asked_to_finish(tmp_path: Path) -> None:
    finish = tmp_path / "finish"
    finish.write_text("#!/bin/sh\nkill $(cat pid) && touch asked\n")
    finish.chmod(0o755)
    start = "sleep 600 & echo $! > pid"
    measure(order(tmp_path, "sh", "-c", start, stays=True, finish=str(finish)))
    assert (tmp_path / "asked").exists()
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


@only_linux
def test_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(KpiError, match=r"sh -c .* ended with exit code 3:\nno disk"):
        measure(order(tmp_path, "sh", "-c", "echo no disk >&2; exit 3"))


@only_linux
def test_the_callers_settings_do_not_reach_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("KPI_TEST_")]:
        monkeypatch.delenv(name)
    for name in ("KPI_TIME_ZONE", "PREFECT_API_URL", "MLFLOW_TRACKING_URI", "KPI_TEST_CHROMIUM"):
        monkeypatch.setenv(name, "mine")
    measure(order(tmp_path, "sh", "-c", "env > seen"), home=tmp_path)
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    ours = {name for name in seen if name.startswith(("KPI_", "PREFECT_", "MLFLOW_"))}
    assert ours == {"KPI_HOME", "KPI_TEST_CHROMIUM"}
    assert seen["KPI_HOME"] == str(tmp_path)
    assert "KPI_HOME" not in clean_environment()


def result(name: str, before: list[float], after: list[float]) -> Result:
    made = Result(next(case for case in CASES if case.name == name))
    for build, seconds in ((BEFORE, before), (AFTER, after)):
        made.figures[build].extend(Figures(cpu, cpu + 1, 1000 * cpu) for cpu in seconds)
    return made


def test_medians_are_compared(tmp_path: Path) -> None:
    met, missed = result("run", [10, 9, 30], [4, 5, 1]), result("up", [40], [30])
    assert (met.ratio, met.met) == (0.4, True)
    assert (missed.ratio, missed.met) == (0.75, False)

    # Less time, and more memory than before.
    hungry = result("score", [10], [5])
    hungry.figures[AFTER][0] = replace(hungry.figures[AFTER][0], peak_memory_mb=10_001)
    assert (hungry.ratio, hungry.met) == (0.5, False)

    with (tmp_path / "table").open("w") as file:
        show([met, missed], Console(file=file, width=140))
    lines = (tmp_path / "table").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "kpi" in line]
    run = ["10.00", "4.00", "11.00", "5.00", "10,000", "4,000", "0.40", "≤ 0.5", "0.40", "", "yes"]
    up = ["40.00", "30.00", "41.00", "31.00", "40,000", "30,000", "0.75", "≤ 0.5", "0.75", "", "no"]
    assert rows == [["kpi run, used home", *run], ["kpi up, empty folder", *up]]

    builds = {BEFORE: Build(tmp_path, "a" * 40), AFTER: Build(tmp_path, "b" * 40)}
    write_report([met], builds, tmp_path / "new" / "report.json")
    report = json.loads((tmp_path / "new" / "report.json").read_text())
    assert report["commits"] == {BEFORE: "a" * 40, AFTER: "b" * 40}
    (case,) = report["cases"]
    assert (case["name"], case["ratio"], case["met"]) == ("run", 0.4, True)
    assert [sample["cpu"] for sample in case["figures"][BEFORE]] == [10, 9, 30]


def test_every_case_starts_from_a_home_that_is_known() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.home for case in CASES} == {None, NEW, *HOMES}
    light = [case.name for case in pick(None, everything=False)]
    assert [case.name for case in CASES if case.name not in light] == [
        "score",
        "demo-cold",
        "test",
        "ci",
    ]
    assert [case.name for case in pick(["test", "help"], everything=False)] == ["help", "test"]
    assert pick(None, everything=True) == list(CASES)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's checkout of another commit, which is installed in no time, and changed."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "Makefile").write_text("install:\n\tmkdir -p .venv/bin\n\ttouch .venv/bin/kpi\n")
    author = "-c", "user.name=Test", "-c", "user.email=test@example.org"
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "Start"]):
        subprocess.run(["git", "-C", folder, *command], check=True)
    subprocess.run(["make", "-s", "-C", folder, "install"], check=True)
    return folder


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--against", "nowhere"], "nowhere is no commit of"),
        (["--against", "HEAD", "--case", "tea"], "There is no case tea; there are help, rejects,"),
        (["--against", "HEAD", "--times", "0"], "--times must be at least 1."),
        (["--against", "HEAD", "--users", "0"], "--users must be at least 1."),
        (["--against", "HEAD", "--before", "{absent}"], "absent is no checkout"),
        (["--against", "HEAD", "--before", "{other}"], "and not at"),
        (["--against", "HEAD", "--build", "{empty}"], "empty is no checkout"),
        (
            ["--against", "HEAD", "--build", "{ours}", "--case", "ci", "--case", "demo-cold"],
            "demo-cold, ci: would delete the Python that measures it.",
        ),
    ],
)
def test_bad_input_is_a_sentence(
    arguments: list[str],
    sentence: str,
    checkout: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    folders = {
        "{absent}": tmp_path / "absent",
        "{empty}": tmp_path / "empty",
        "{other}": checkout,
        "{ours}": REPOSITORY,
    }
    assert main([str(folders.get(word, word)) for word in arguments]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_a_checkout_with_changes_is_not_the_commit(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.startup.builds.REPOSITORY", checkout)
    assert main(["--against", "HEAD", "--before", str(checkout)]) == 2
    assert f"{checkout} has changes that are not committed." in capsys.readouterr().err


@pytest.mark.parametrize("keep", [True, False])
def test_a_worktree_is_installed_and_deleted_unless_it_is_kept(
    keep: bool, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.startup.builds.REPOSITORY", checkout)
    commit = find_commit("HEAD")
    with place_of_worktrees(tmp_path / "kept" if keep else None) as place:
        build = make_build(place, BEFORE, commit, print)
        assert (build.folder, build.commit) == (place / BEFORE, commit)
        assert build.kpi.exists()
        with pytest.raises(KpiError, match="before exists; use it with --before or --build"):
            make_build(place, BEFORE, commit, print)
    assert build.folder.exists() is keep
    known = subprocess.run(
        ["git", "worktree", "list"], cwd=checkout, stdout=subprocess.PIPE, check=True
    ).stdout
    assert (str(build.folder) in known.decode()) is keep
