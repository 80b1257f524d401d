"""`make up`: look first, then write, build and start."""

from dataclasses import dataclass
from pathlib import Path

from compose.stack import engine, images, preflight
from compose.stack.engine import EVERY_PROFILE, Compose, NoAnswer
from compose.stack.failure import tell_what_failed
from compose.stack.overview import overview, what_next
from compose.stack.paths import shown
from compose.stack.ports import ports_are_free
from compose.stack.profiles import parts, profiles
from compose.stack.settings import elsewhere, environment, environment_file
from compose.stack.settings.values import certificate, values_are_usable
from compose.stack.speech import Refusal, say

# What has to be done once before services start. Those of the core start what they need, which is
# all that the other needs: without --no-deps, Compose would do both again.
_JOBS = {
    "core": (("databases",), ("buckets",)),
    "airflow": (("--no-deps", "airflow-migrate"),),
}


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
    def images(self) -> dict[str, str]:
        """The images of ours that are to run, by their variables."""
        with_airflow = "airflow" in parts(self.profiles)
        names = ("KPI_IMAGE", *(["AIRFLOW_IMAGE"] if with_airflow else []))
        return {name: self.values[name] for name in names}


def prepare(file: Path, chosen: str | None, *, build: bool, starts: bool = True) -> Plan:
    """Check the machine and the environment file, and change neither.

    `chosen` are the profiles that the command names; without, the recorded ones stay. Where nothing
    `starts`, ports may be taken.
    """
    before = environment_file.read(file) if file.exists() else None
    text = environment.first_text() if before is None else environment.with_missing_secrets(before)
    if chosen is not None:
        text = environment.with_profiles(text, profiles(chosen))
    text = elsewhere.with_what_is_elsewhere(text)
    values_are_usable(environment.described(text), shown(file))
    preflight.engine_answers()
    preflight.compose_is_there()
    plan = Plan(file, before, images.with_those_made_here(text), build)
    if before is None:
        _refuse_data_of_another_file(plan)
    if starts:
        ports_are_free(plan.values, plan.profiles, shown(file))
    if not build:
        images.are_there([*plan.images.values()])
    preflight.machine_is_big_enough(plan.profiles, [*plan.images.values()] if build else [])
    return plan


def start(plan: Plan) -> None:
    """Write the environment file, build the images, start what is not running, and say where."""
    compose = build(plan)
    _stop_other_profiles(compose)
    patience = plan.values["KPI_PATIENCE_SECONDS"]
    say(f"Starting, and waiting up to {patience} s until each service is well ...")
    arguments = ["--detach", "--wait", "--wait-timeout", patience, "--remove-orphans"]
    if code := compose.run("up", *arguments, *([] if plan.build else ["--no-build"])):
        # One of ours that runs by now is no reason.
        ports_are_free(plan.values, plan.profiles, shown(plan.file))
        raise tell_what_failed(compose, code, patience)
    say()
    lines = overview(plan.values, plan.profiles, shown(plan.file))
    for line in (*lines, "", *what_next(plan.values)):
        say(line)


def init(plan: Plan) -> None:
    """Write the environment file, build the images, make databases and buckets, start no more."""
    compose = build(plan)
    for job in (job for part in parts(plan.profiles) for job in _JOBS.get(part, ())):
        say(f"Running {job[-1]} ...")
        if code := compose.run("run", "--rm", *job):
            raise tell_what_failed(compose, code, plan.values["KPI_PATIENCE_SECONDS"])
    say("All is prepared: make up starts the rest.")


def build(plan: Plan) -> Compose:
    """Write the environment file and build the images of the plan; return Compose for that file.

    Raises Failed when an image cannot be built.
    """
    file, compose = shown(plan.file), Compose(plan.file)
    if plan.before is None:
        environment_file.create(plan.file, plan.text)
        say(f"Passwords were generated into {file}, which only you can read.")
    elif plan.text != plan.before:
        environment_file.replace(plan.file, plan.text)
        say(f"{file} was brought up to date.")
    try:
        compose.answer("config", "--quiet")
    except NoAnswer as error:
        raise Refusal(
            f"Compose cannot use {plan.values['COMPOSE_FILE']} with {file}: {error.complaint}"
        ) from None
    if plan.build:
        images.copy_certificate(certificate(plan.values))
        images.build(compose, plan.images)
    return compose


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
