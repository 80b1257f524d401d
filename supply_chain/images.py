"""Ask the registries for the digests of the images, and write `tag@sha256:…` where tags stand."""

import re
from pathlib import Path

from supply_chain.tools import NotReachable, Problem, run, say

_IMAGE = re.compile(r"^(?P<name>[A-Z_]+_IMAGE)=(?P<tag>[^@\s]+:[^@\s]+)(?:@sha256:\S+)?$", re.M)
_FILES = (".env.example", "compose.yaml", "images/Dockerfile")
_BUILT_HERE = "kpi-delivery"
_DIGEST = re.compile(r"@(sha256:[0-9a-f]{64})$")


def lock(folder: Path) -> None:
    """Write the digests that the tags have today into the files of `folder` that name images.

    A digest is only ever what a registry answered: when one does not, NotReachable is raised and
    nothing is written.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in (folder / file for file in _FILES)}
    images = {found["name"]: found["tag"] for found in _IMAGE.finditer(texts[folder / _FILES[0]])}
    fetched = {name: tag for name, tag in images.items() if not tag.startswith(_BUILT_HERE)}
    locked = {name: f"{tag}@{_digest(tag)}" for name, tag in fetched.items()}
    for name, image in locked.items():
        stands = rf"({name}(?:=|:-)){re.escape(fetched[name])}(?:@sha256:[0-9a-f]+)?(?=[\s}}])"
        texts = {path: re.sub(stands, rf"\g<1>{image}", text) for path, text in texts.items()}
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    for name, image in locked.items():
        say(f"{name}={image}")


def _digest(tag: str) -> str:
    if run("docker", "pull", "--quiet", tag).returncode:
        raise NotReachable(
            f"not reachable: the registry of {tag} gives no image, so nothing was written."
        )
    said = run("docker", "image", "inspect", "--format", '{{join .RepoDigests "\\n"}}', tag)
    digests = {found[1] for line in said.stdout.splitlines() if (found := _DIGEST.search(line))}
    if len(digests) != 1:
        raise Problem(f"{tag} has {len(digests)} digests on this machine, so nothing was written.")
    return digests.pop()
