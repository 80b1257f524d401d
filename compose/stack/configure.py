"""Set variables of the platform from a program, such as Ansible, and start nothing."""

from pathlib import Path

from compose.stack.paths import shown
from compose.stack.profiles import profiles
from compose.stack.settings import elsewhere, environment, environment_file
from compose.stack.settings.values import values_are_usable
from compose.stack.speech import Refusal, say


def configure(file: Path, profile: str | None, assignments: list[str]) -> None:
    """Set variables in the environment file, which is written with new passwords if it is missing.

    `assignments` are `NAME=VALUE`; those that a person wrote into the file and that are not named
    stay. Says which variables differ from before, never their values, and nothing when none does.
    Refuses a name that is no variable, and a value that cannot be used, before it writes.
    """
    values = dict(map(_parted, assignments))
    before = environment_file.read(file) if file.exists() else None
    text = environment.first_text() if before is None else environment.with_missing_secrets(before)
    for name, value in values.items():
        text = environment.with_value(text, name, value)
    if profile is not None:
        text = environment.with_profiles(text, profiles(profile))
    text = elsewhere.with_what_is_elsewhere(text)
    after = environment.described(text)
    values_are_usable(after, shown(file))
    if before is None:
        environment_file.create(file, text)
        say(f"Passwords were generated into {shown(file)}, which only you can read.")
    elif text != before:
        environment_file.replace(file, text)
    was = environment.described(before or "")
    if before is not None and (changed := [name for name in after if after[name] != was.get(name)]):
        say(f"Changed in {shown(file)}: {', '.join(changed)}.")


def _parted(assignment: str) -> tuple[str, str]:
    name, sign, value = assignment.partition("=")
    known = environment.settings() | set(environment.assignments(environment.example()))
    if not sign or name not in known:
        raise Refusal(
            f"{name} is no variable of the platform: compose/.env.example lists all, "
            "and each is set as NAME=VALUE."
        )
    if len(value.splitlines()) > 1:
        raise Refusal(f"The value of {name} has several lines: give it one.")
    return name, value
