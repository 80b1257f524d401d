"""Whether what compose/.env says can be used: each check raises one sentence."""

import re
import ssl
from collections.abc import Mapping
from pathlib import Path

from compose.stack.paths import FOLDER
from compose.stack.settings.passwords import SECRETS
from compose.stack.speech import Refusal


def values_are_usable(values: Mapping[str, str], file: str) -> None:
    """Refuses a project's name, a secret, a certificate or a folder that cannot be used.

    `file` is how sentences call the environment file that the values are from.
    """
    _project(values, file)
    _secrets(values, file)
    _certificate(values, file)
    _churn_source(values, file)


def certificate(values: Mapping[str, str]) -> Path | None:
    """The file of a company proxy's certificate authority, if one is set."""
    written = values["EXTRA_CA_CERTIFICATE"]
    return FOLDER / Path(written).expanduser() if written else None


def _project(values: Mapping[str, str], file: str) -> None:
    name = values["COMPOSE_PROJECT_NAME"]
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise Refusal(
            f"COMPOSE_PROJECT_NAME in {file} is {name!r}: it may have small letters, digits, - "
            "and _, and begins with a letter or a digit."
        )


def _secrets(values: Mapping[str, str], file: str) -> None:
    for name, secret in SECRETS.items():
        if not values[name]:
            raise Refusal(
                f"{name} in {file} is empty: give it a value; where there is data already, "
                "the one that the data was made with."
            )
        if fault := secret.fault(values[name]):
            raise Refusal(f"{name} in {file} {fault}.")


def _certificate(values: Mapping[str, str], file: str) -> None:
    path = certificate(values)
    if path is None:
        return
    try:
        ssl.create_default_context().load_verify_locations(cadata=path.read_text("ascii", "ignore"))
    except OSError as error:
        # What ssl raises is an OSError, too.
        reason = "is no PEM certificate" if isinstance(error, ssl.SSLError) else error.strerror
    except ValueError:
        reason = "is no PEM certificate"
    else:
        return
    raise Refusal(
        f"EXTRA_CA_CERTIFICATE in {file}: {path} {reason}; name a PEM file, or leave it empty."
    )


def _churn_source(values: Mapping[str, str], file: str) -> None:
    folder = FOLDER / Path(values["CHURN_SOURCE"]).expanduser()
    if not folder.is_dir():
        raise Refusal(
            f"CHURN_SOURCE in {file} is {values['CHURN_SOURCE']!r}, and {folder.resolve()} is no "
            "folder: name the folder of the delivery, relative to compose/."
        )
