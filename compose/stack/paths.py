"""Where the description of the platform is kept."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
REPOSITORY = FOLDER.parent
EXAMPLE = FOLDER / ".env.example"
CERTIFICATE = FOLDER / "images" / "certificates" / "extra.crt"


def shown(path: Path) -> str:
    """A path as a person at the repository's root would type it."""
    return str(path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path)
