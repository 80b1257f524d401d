"""The images of the platform: those that are built here, and those that are fetched."""

import re
import shutil
from pathlib import Path

from compose.stack import engine
from compose.stack.engine import Compose, NoAnswer
from compose.stack.paths import CERTIFICATE
from compose.stack.settings.environment import described, with_value
from compose.stack.speech import Failed, Refusal, say

# Services that build the images the others run.
_BUILT_BY = {"KPI_IMAGE": "databases", "AIRFLOW_IMAGE": "airflow-migrate"}

_LOCKED = re.compile(r"(?P<tag>[^@]+)@sha256:[0-9a-f]{64}")


def with_those_made_here(text: str) -> str:
    """The environment file's text, without the digest of each image that was made on this machine.

    What a registry gives is taken by its digest alone. No digest can name an image that somebody
    made or loaded here under the same tag; the text then names that tag.
    """
    for name, image in described(text).items():
        locked = _LOCKED.fullmatch(image) if name.endswith("_IMAGE") else None
        if locked and not is_there(image) and _is_of_no_registry(locked["tag"]):
            say(f"{locked['tag']} was made on this machine: {name} names it without a digest.")
            text = with_value(text, name, locked["tag"])
    return text


def _is_of_no_registry(tag: str) -> bool:
    try:
        return engine.answer("image", "inspect", "--format", "{{len .RepoDigests}}", tag) == "0"
    except NoAnswer:
        return False


def is_there(image: str) -> bool:
    """Whether this machine's engine has the image."""
    try:
        engine.answer("image", "inspect", "--format", "{{.Id}}", image)
    except NoAnswer:
        return False
    return True


def are_there(images: list[str]) -> None:
    """Refuses when one is missing: Compose would ask a public registry for it."""
    if missing := [image for image in images if not is_there(image)]:
        raise Refusal(
            f"{' and '.join(missing)} {'were' if missing[1:] else 'was'} never built on this "
            "machine: make up without BUILD=0 builds what is missing."
        )


def build(compose: Compose, images: dict[str, str]) -> None:
    """Build these images, given by their variables; raises Failed when one cannot be built."""
    for variable, image in images.items():
        first = "" if is_there(image) else "; the first time takes some minutes"
        say(f"Building the image {image}{first} ...")
        if code := compose.run("build", _BUILT_BY[variable]):
            raise Failed(
                f"The image {image} could not be built, as the lines above say; "
                "what ran before still runs.",
                code,
            )


def copy_certificate(source: Path | None, target: Path = CERTIFICATE) -> None:
    """Put a proxy's certificate authority where the builds look for it; without one, nothing."""
    if source:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    else:
        target.unlink(missing_ok=True)
