"""What the targets besides `make up` do with a platform that has been started before."""

import sys
from pathlib import Path
from typing import NoReturn

from compose.stack import engine
from compose.stack.engine import EVERY_PROFILE, Compose
from compose.stack.paths import shown
from compose.stack.settings import environment, environment_file
from compose.stack.settings.values import values_are_usable
from compose.stack.speech import Failed, Refusal, say

LINES = "100"


def values_of(file: Path) -> dict[str, str]:
    """Every variable of the platform; refuses when `make up` has not written the file yet."""
    return environment.described(environment_file.read(file))


def values_where_it_runs(file: Path, service: str, profile: str = "") -> dict[str, str]:
    """Every variable of the platform; raises Failed when this service of it does not run."""
    values = values_of(file)
    values_are_usable(values, shown(file))
    running = engine.running(values["COMPOSE_PROJECT_NAME"])
    if not running:
        raise Failed("The platform is not running: make up starts it.")
    if service not in running:
        how = f"make up PROFILE={profile}" if profile else "make up"
        raise Failed(f"{service} is not running: {how} starts it, and make ps shows all.")
    return values


def down(file: Path) -> NoReturn:
    """Stop and remove the containers of every profile; the data stays."""
    values_of(file)
    Compose(file).become(*EVERY_PROFILE, "down", "--remove-orphans")


def destroy(file: Path, *, force: bool) -> None:
    """Delete containers and data, once the project's name was typed or `force` is set."""
    project = values_of(file)["COMPOSE_PROJECT_NAME"]
    containers, volumes = engine.containers(project), engine.volumes(project)
    say(f"This deletes of the project {project}:")
    say(f"  containers: {', '.join(containers) or 'none'}")
    say(f"  volumes, with all their data: {', '.join(volumes) or 'none'}")
    say(f"{shown(file)} and the images stay.")
    if not force:
        _confirm(project)
    if code := Compose(file).run(*EVERY_PROFILE, "down", "--volumes", "--remove-orphans"):
        raise Failed("Not everything could be deleted; the lines above say why.", code)
    # Compose leaves volumes that an earlier compose.yaml had.
    if left := engine.volumes(project):
        engine.answer("volume", "rm", *left)
    say(f"Deleted; {shown(file)} and the images are still there.")


def _confirm(project: str) -> None:
    """Refuses unless the person at the terminal types the project's name."""
    if not sys.stdin.isatty():
        raise Refusal(
            "Nothing was deleted, as there is no terminal to ask at: FORCE=1 deletes without."
        )
    sys.stdout.write("Type the project's name to go on: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip() != project:
        raise Refusal(f"That is not {project}: nothing was deleted.")


def ps(file: Path) -> NoReturn:
    """List the containers, with those that have ended."""
    values_of(file)
    Compose(file).become(*EVERY_PROFILE, "ps", "--all")


def logs(file: Path, services: list[str], *, follow: bool) -> NoReturn:
    """Show the last lines of these services, or of all, and with `follow` what comes.

    Refuses a name that is no service.
    """
    values_of(file)
    known = Compose(file).answer(*EVERY_PROFILE, "config", "--services").split()
    if unknown := [name for name in services if name not in known]:
        raise Refusal(f"There is no service {unknown[0]}: choose among {', '.join(sorted(known))}.")
    Compose(file).become(
        *EVERY_PROFILE, "logs", "--tail", LINES, *(["--follow"] if follow else []), *services
    )


def psql(file: Path, arguments: list[str]) -> NoReturn:
    """Open the warehouse as the role that owns it, with these arguments of psql."""
    values = values_of(file)
    if values["POSTGRES_SERVERS"] == "0":
        raise Refusal(
            "The warehouse is on another server, where you use a psql of your own: "
            f"psql 'postgresql://crypto@{values['POSTGRES_ADDRESS']}/crypto_db"
            f"?sslmode={values['POSTGRES_SSLMODE']}', with CRYPTO_DB_PASSWORD in {shown(file)}."
        )
    password = values_where_it_runs(file, "postgres")["CRYPTO_DB_PASSWORD"]
    at_a_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    Compose(file).become(
        "exec",
        *([] if at_a_terminal else ["-T"]),
        # Without a value: nobody who lists this machine's processes reads the password.
        *("-e", "PGPASSWORD", "postgres"),
        # By its name on the network, as every service does: a wrong password is noticed.
        *("psql", "--host", "postgres", "--username", "crypto", "--dbname", "crypto_db"),
        *arguments,
        PGPASSWORD=password,
    )


def deploy(file: Path) -> NoReturn:
    """Register the deployments with Prefect's server."""
    values_where_it_runs(file, "prefect")
    Compose(file).become(*EVERY_PROFILE, "run", "--rm", "deployments")


def check(file: Path) -> NoReturn:
    """Ask what must have happened, in a container of its own: the others may be down."""
    values_are_usable(values_of(file), shown(file))
    Compose(file).become(
        *(*EVERY_PROFILE, "run", "--rm", "--no-deps", "-T", "worker", "kpi", "check")
    )


def data_docs(file: Path) -> NoReturn:
    """Make Data Docs anew from the validation results in the object store."""
    values_where_it_runs(file, "worker")
    Compose(file).become("exec", "-T", "worker", "kpi", "docs")
