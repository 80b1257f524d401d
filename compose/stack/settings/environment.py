"""The text of compose/.env: what it says, and what it becomes."""

import re
from collections.abc import Mapping

from compose.stack.paths import EXAMPLE
from compose.stack.profiles import parts
from compose.stack.settings.passwords import SECRETS

LOCAL_SPARK = "local[*]"
SPARK_OF_THE_PLATFORM = "spark://spark-master:7077"

_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*)")
OF_RUNS = ("KPI_", "OPENLINEAGE_")
"""What the names of variables begin with that runs read themselves."""
# A setting of runs in the example, where its default stands behind a sign.
_SETTING = re.compile(rf"^# ((?:{'|'.join(OF_RUNS)})\w+)=", re.MULTILINE)
_QUOTED = re.compile(r"""(?P<quote>['"])(?P<value>.*?)(?P=quote)\s*(?:#.*)?""")


def assignments(text: str) -> dict[str, str]:
    """The variables that a file's text sets, read as Compose reads them."""
    values = {}
    for line in text.splitlines():
        if found := _ASSIGNMENT.fullmatch(line):
            written = found["value"].strip()
            quoted = _QUOTED.fullmatch(written)
            # Compose takes what follows " #" for a comment, unless it is quoted.
            plain = "" if written.startswith("#") else re.split(r"\s#", written)[0].rstrip()
            values[found["name"]] = quoted["value"] if quoted else plain
    return values


def example() -> str:
    """The text of the committed example, which holds every variable and no secret."""
    return EXAMPLE.read_text(encoding="utf-8")


def settings() -> set[str]:
    """The names of the settings that containers take as they are, where the file has them."""
    return set(_SETTING.findall(example()))


def described(text: str) -> dict[str, str]:
    """Every variable of the platform: as the text sets it, else as the example does."""
    return assignments(example()) | assignments(text)


def first_text() -> str:
    """The example with secrets generated: what compose/.env is to hold at first."""
    text = example()
    for name, secret in SECRETS.items():
        text = with_value(text, name, secret.generate())
    return text


def with_missing_secrets(text: str) -> str:
    """The text with those secrets appended that a later version of the example has added."""
    added = {
        name: secret.generate() for name, secret in SECRETS.items() if name not in assignments(text)
    }
    for name, value in added.items():
        text = with_value(text, name, value)
    return text


def with_profiles(text: str, profiles: tuple[str, ...]) -> str:
    """The text with these profiles recorded.

    Training moves to the platform's Spark and back with it; another cluster stays.
    """
    text = with_value(text, "COMPOSE_PROFILES", ",".join(profiles))
    before, after = LOCAL_SPARK, SPARK_OF_THE_PLATFORM
    if "spark" not in parts(profiles):
        before, after = after, before
    if described(text)["SPARK_MASTER_URL"] == before:
        text = with_value(text, "SPARK_MASTER_URL", after)
    return text


def with_value(text: str, name: str, value: str) -> str:
    """The text with one variable set, on its own line or, where it has none, on a new last one."""
    line = re.compile(rf"^([ \t]*(?:export[ \t]+)?{name}[ \t]*=)[^\r\n]*", re.MULTILINE)
    if assignments(text).get(name) == value:
        return text
    if line.search(text):
        return line.sub(lambda found: found[1] + value, text)
    end = "" if text.endswith("\n") or not text else "\n"
    return f"{text}{end}{name}={value}\n"


def without_platform(variables: Mapping[str, str]) -> dict[str, str]:
    """A process's environment without the platform's variables.

    Compose prefers an exported variable to its --env-file; compose/.env is to be all there is.
    """
    names = assignments(example())
    return {
        name: value
        for name, value in variables.items()
        if name not in names and not name.startswith(OF_RUNS)
    }
