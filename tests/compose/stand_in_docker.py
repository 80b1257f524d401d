"""A program called docker that gives the answers a test wrote, and keeps what it was asked."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from compose.stack.preflight import GIB

PROGRAM = f"""#!{sys.executable} -SE
import json, os, pathlib, sys, time

folder = pathlib.Path({{folder!r}})
asked = " ".join(sys.argv[1:])
with (folder / "calls.jsonl").open("a+") as calls:
    calls.seek(0)
    before = [" ".join(json.loads(line)[0]) for line in calls]
    calls.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
for said in reversed(json.loads((folder / "answers.json").read_text())):
    if said["when"] in asked and (not said["after"] or said["after"] in "\\n".join(before)):
        time.sleep(said["delay"])
        sys.stdout.write(said["out"])
        sys.stderr.write(said["err"])
        sys.exit(said["code"])
"""


@dataclass(frozen=True)
class Call:
    """How the stand-in was started."""

    arguments: list[str]
    variables: dict[str, str]

    @property
    def text(self) -> str:
        """The arguments as one line, without the options that every call of Compose has."""
        line = " ".join(self.arguments)
        before, _, after = line.partition(" --env-file ")
        return after.partition(" ")[2] if before == "compose" else line


class StandInDocker:
    """Answers what the last fitting `says` said; everything else succeeds without a word."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: list[dict[str, object]] = []
        program = folder / "docker"
        program.write_text(PROGRAM.format(folder=str(folder)))
        program.chmod(0o700)
        self.says("version --format", "28.2.2\n")
        self.says("compose version --short", "2.26.1-4\n")
        self.is_a_machine()
        self.says("config --services", "databases\npostgres\nworker\n")

    def says(
        self,
        when: str,
        out: str = "",
        err: str = "",
        code: int = 0,
        delay: float = 0,
        after: str = "",
    ) -> None:
        """The answer to every command that has `when` in it, once one had `after` in it."""
        self._answers.append(
            {"when": when, "out": out, "err": err, "code": code, "delay": delay, "after": after}
        )
        (self._folder / "answers.json").write_text(json.dumps(self._answers))

    def is_a_machine(self, memory_gib: float = 64, **others: str) -> None:
        """What `docker info` tells."""
        machine = {"MemTotal": int(memory_gib * GIB), "DockerRootDir": "/nowhere", **others}
        self.says("info --format", json.dumps(machine))

    def publishes(self, project: str, container: str, *ports: str, after: str = "") -> None:
        """The one container that runs, once a command had `after` in it."""
        published = ", ".join(f"127.0.0.1:{port}->80/tcp" for port in ports)
        self.says("ps --format {{.Label", f"{project}\t{container}\t{published}\n", after=after)

    def runs(self, *services: str) -> None:
        """The services of the project that run."""
        self.says("--filter status=running", "\n".join(services))

    @property
    def calls(self) -> list[Call]:
        """What it was asked, in order."""
        kept = self._folder / "calls.jsonl"
        return [Call(*json.loads(line)) for line in kept.open()] if kept.exists() else []

    def asked(self, *beginnings: str) -> list[str]:
        """The commands that begin with one of these, in order."""
        return [call.text for call in self.calls if call.text.startswith(beginnings)]
