"""A throw-away Debian 13 machine with systemd, a second disk and a Docker engine of its own.

KPI_TEST_MACHINE names the program that makes it: it takes the commands start, wait, stop, reboot,
inventory, `ssh COMMAND…` and `load IMAGE…`, and VM_NAME and VM_SSH_PORT from its environment.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import ssl
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx

from flows.paths import REPOSITORY

PATIENCE = 1800
# Tries of a fifth of a second: the machine may share its cores with another platform.
TRIES = "3000"
DOMAIN = "kpi.test"
ENVIRONMENT = "/srv/kpi/platform.env"
# What runs there, without any profile.
CORE = {"postgres", "minio", "prefect", "worker", "mlflow", "metrics", "app"}


@dataclass(frozen=True)
class Machine:
    """The machine, reached as a platform engineer reaches theirs."""

    program: Path
    name: str
    ssh_port: int
    inventory: Path

    def control(self, *arguments: str, check: bool = True) -> str:
        """Run a command of the program that made it, and return what it says."""
        done = _run([str(self.program), *arguments], self._environment)
        assert done.returncode == 0 or not check, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def ssh(self, command: str) -> str:
        """Run a command of a shell there as root, and return what it says."""
        return self.control("ssh", f"sudo bash -c {shlex.quote(command)}")

    def carry(self, image: str) -> None:
        """Give its engine an image of this one, as one layer.

        `load` writes an image of gigabytes several times on its way, and ssh encrypts all of it.
        """
        container = _said(["docker", "create", image]).strip()
        try:
            config = json.loads(_said(["docker", "inspect", "--format", "{{json .Config}}", image]))
            changes = [
                f"USER {config['User']}",
                f"WORKDIR {config['WorkingDir']}",
                f"CMD {json.dumps(config['Cmd'])}",
                *(f"ENV {name}" for name in config["Env"]),
            ]
            given = " ".join(f"--change {shlex.quote(change)}" for change in changes)
            with (
                subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as files,
                _served(files, self.gateway) as address,
            ):
                self.ssh(f"docker import {given} {address} {image}")
            assert files.returncode == 0
        finally:
            _said(["docker", "rm", container])

    def make(self, target: str, *settings: str, **variables: str) -> str:
        """Run a target of the Makefile that succeeds, and return what it says.

        Settings are Ansible's: `-e NAME=VALUE`, `--tags ROLE`.
        """
        done = self._make(target, settings, variables)
        assert done.returncode == 0, f"{target}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def refused(self, target: str, *settings: str, **variables: str) -> str:
        """Run a target that fails, and return the sentence that it ends with."""
        done = self._make(target, settings, variables)
        assert done.returncode != 0, done.stdout
        [sentence] = [line for line in done.stderr.splitlines() if line.startswith("kpi: ")]
        return sentence

    def _make(
        self, target: str, settings: Iterable[str], variables: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        given = [f"{name}={value}" for name, value in variables.items()]
        command = ["make", target, f"INVENTORY={self.inventory}", f"ARGS={' '.join(settings)}"]
        return _run([*command, *given], self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        return {"VM_NAME": self.name, "VM_SSH_PORT": str(self.ssh_port)}

    @cached_property
    def address(self) -> str:
        """Its address on the network that it shares with this machine."""
        # Not one of the networks of its containers.
        route = self.ssh(f"ip -4 route get {self.gateway}").split()
        return route[route.index("src") + 1]

    @cached_property
    def gateway(self) -> str:
        """Where it finds this machine on that network."""
        return self.ssh("ip -4 route show default").split()[2]

    @property
    def settings(self) -> dict[str, str]:
        """What the platform's environment file says: passwords, ports, names."""
        return dict(re.findall(r"(?m)^([A-Z0-9_]+)=(.*)$", self.ssh(f"cat {ENVIRONMENT}")))

    @property
    def password(self) -> str:
        """That of the login in front of the pages."""
        return self.ssh("cat /srv/kpi/login").strip()

    def containers(self) -> dict[str, str]:
        """Return the ID of each service's container, when it runs and is healthy."""
        shown = '{{.Label "com.docker.compose.service"}} {{.ID}}'
        lines = self.ssh(f"docker ps --filter health=healthy --format '{shown}'").splitlines()
        return dict(line.split() for line in lines)

    def get(self, url: str, user: str = "", password: str = "", origin: str = "") -> httpx.Response:
        """Ask a page by its name, as if a DNS knew it, trusting the machine's own authority.

        With an origin, as a page of that one asks.
        """
        authority = REPOSITORY / ".kpi" / "hosted" / "kpi-authority.crt"
        asked = httpx.URL(url)
        trusted = ssl.create_default_context(cafile=str(authority))
        with httpx.Client(verify=trusted, trust_env=False) as client:
            return client.get(
                asked.copy_with(host=self.address),
                headers={"Host": asked.host} | ({"Origin": origin} if origin else {}),
                auth=(user, password) if user else None,
                extensions={"sni_hostname": asked.host},
                timeout=60,
            )

    def ports_that_answer(self, ports: Iterable[int]) -> set[int]:
        """Return those of the TCP ports that take a connection from outside."""

        async def answers(port: int, turn: asyncio.Semaphore) -> bool:
            async with turn:
                try:
                    _, writer = await asyncio.wait_for(
                        asyncio.open_connection(self.address, port), timeout=2
                    )
                except OSError:
                    return False
                writer.close()
                return True

        async def all_of_them() -> set[int]:
            turn = asyncio.Semaphore(500)
            asked = list(ports)
            found = await asyncio.gather(*(answers(port, turn) for port in asked))
            return {port for port, open_ in zip(asked, found, strict=True) if open_}

        return asyncio.run(all_of_them())


@contextmanager
def _served(files: "subprocess.Popen[bytes]", host: str) -> Iterator[str]:
    """Yield an address on this machine that gives what the process writes, once."""

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(httpx.codes.OK)
            self.end_headers()
            assert files.stdout is not None
            shutil.copyfileobj(files.stdout, self.wfile, 2**20)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Files) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{host}:{server.server_port}/"
        finally:
            server.shutdown()


def changed(output: str) -> int:
    """Return how many tasks changed something, as Ansible says at its end."""
    [count] = re.findall(r"^kpi +:.* changed=(\d+) ", output, flags=re.MULTILINE)
    return int(count)


def _said(command: list[str]) -> str:
    done = _run(command, {})
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def _run(command: list[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
