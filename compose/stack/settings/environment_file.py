"""compose/.env on the disk, which only its owner may read."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compose.stack.paths import shown
from compose.stack.speech import Refusal

OWNER_ONLY = 0o600


def read(path: Path) -> str:
    """The file's text; refuses a file that is missing or cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Refusal(f"{shown(path)} is missing: make up writes it.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(
            f"{shown(path)} cannot be read ({error}): put right what is wrong with the file."
        ) from None


def create(path: Path, text: str) -> None:
    """Write the file, which must not be there yet, at once and whole."""
    with _beside(path, text) as whole:
        try:
            # Unlike a rename, a link never replaces what somebody else wrote meanwhile.
            os.link(whole, path)
        except FileExistsError:
            raise Refusal(f"{shown(path)} has just been written: start make up again.") from None


def replace(path: Path, text: str) -> None:
    """Write the file again, at once and whole."""
    with _beside(path, text) as whole:
        whole.replace(path.resolve())


@contextmanager
def _beside(path: Path, text: str) -> Iterator[Path]:
    """A file in the same folder that holds the text, and is gone afterwards."""
    whole = path.resolve().with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        raise Refusal(
            f"{shown(path)} cannot be written ({error.strerror}): make its folder yours."
        ) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        yield whole
    finally:
        whole.unlink(missing_ok=True)
