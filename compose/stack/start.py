"""`make up`: look first, then write, build and start."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from compose.stack import engine, preflight
from compose.stack.engine import EVERY_PROFILE, Compose
from compose.stack.failure import tell_what_failed
from compose.stack.overview import overview, what_next
from compose.stack.paths import CERTIFICATE, shown
from compose.stack.ports import ports_are_free
from compose.stack.profiles import parts, profiles
from compose.stack.settings import environment, environment_file
from compose.stack.settings.values import certificate, values_are_usable
from compose.stack.speech import Failed, Refusal, say

WAIT_SECONDS = "600"

# Services that build the images the others run.
_BUILT_BY = {"KPI_IMAGE": "databases", "AIRFLOW_IMAGE": "airflow-migrate"}


@dataclass(frozen=True)
class Plan:
    """What `up` is to do on a machine that passed every check."""

    file: Path
    before: str | None
    text: str
    build: bool

    @property
    def values(self) -> dict[str, str]:
        """Every variable of the platform."""
        return environment.described(self.text)

    @property
    def profiles(self) -> tuple[str, ...]:
        """What is to run besides the core."""
        return profiles(self.values["COMPOSE_PROFILES"])

    @property
    def images(self) -> list[str]:
        """The variables of the images to build."""
        if not self.build:
            return []
        return ["KPI_IMAGE", *(["AIRFLOW_IMAGE"] if "airflow" in parts(self.profiles) else [])]


def prepare(file: Path, chosen: str | None, *, build: bool) -> Plan:
    """Check the machine and the environment file, and change neither.

    `chosen` are the profiles that the command names; without, the recorded ones stay.
    """
    before = environment_file.read(file) if file.exists() else None
    text = environment.first_text() if before is None else environment.with_missing_secrets(before)
    if chosen is not None:
        text = environment.with_profiles(text, profiles(chosen))
    plan = Plan(file, before, environment.with_servers(text), build)
    values_are_usable(plan.values, shown(file))
    preflight.engine_answers()
    preflight.compose_is_there()
    if before is None:
        _refuse_data_of_another_file(plan)
    ports_are_free(plan.values, plan.profiles, shown(file))
    preflight.machine_is_big_enough(plan.profiles, [plan.values[name] for name in plan.images])
    return plan


def start(plan: Plan) -> None:
    """Write the environment file, build the images, start what is not running, and say where."""
    file, compose = shown(plan.file), Compose(plan.file)
    if plan.before is None:
        environment_file.create(plan.file, plan.text)
        say(f"Passwords were generated into {file}, which only you can read.")
    elif plan.text != plan.before:
        environment_file.replace(plan.file, plan.text)
        say(f"{file} was brought up to date.")
    build(plan)
    _stop_other_profiles(compose)
    arguments = ["--detach", "--wait", "--wait-timeout", WAIT_SECONDS, "--remove-orphans"]
    if code := compose.run("up", *arguments, *([] if plan.build else ["--no-build"])):
        raise tell_what_failed(compose, code)
    say()
    for line in (*overview(plan.values, plan.profiles, file), "", *what_next(plan.values)):
        say(line)


def copy_certificate(source: Path | None, target: Path = CERTIFICATE) -> None:
    """Put a proxy's certificate authority where the builds look for it; without one, nothing."""
    if source:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    else:
        target.unlink(missing_ok=True)


def build(plan: Plan) -> None:
    """Build the images of the plan; raises Failed when one cannot be built."""
    if plan.images:
        copy_certificate(certificate(plan.values))
    for image in plan.images:
        if code := Compose(plan.file).run("build", _BUILT_BY[image]):
            raise Failed(
                f"The image {plan.values[image]} could not be built, as the lines above say; "
                "what ran before still runs.",
                code,
            )


def _stop_other_profiles(compose: Compose) -> None:
    """Stop what only runs in profiles that are not chosen any more: for Compose it is no orphan."""
    every = compose.answer(*EVERY_PROFILE, "config", "--services").split()
    chosen = compose.answer("config", "--services").split()
    running = compose.answer(*EVERY_PROFILE, "ps", "--services").split()
    if others := sorted(set(every) & set(running) - set(chosen)):
        compose.run(*EVERY_PROFILE, "rm", "--stop", "--force", *others)


def _refuse_data_of_another_file(plan: Plan) -> None:
    project, file = plan.values["COMPOSE_PROJECT_NAME"], shown(plan.file)
    if engine.volumes(project):
        raise Refusal(
            f"{file} is missing, and the data of the project {project} was made with the passwords "
            f"in it: put the file back, or delete the data with docker compose -p {project} down "
            "--volumes."
        )
