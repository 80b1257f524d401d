"""The SBOM names each locked package, with the hashes that may be installed."""

import json
import re
from pathlib import Path

from flows.paths import REPOSITORY
from supply_chain.sbom import PARTS
from tests.supply_chain.command import supply_chain


def test_it_lists_what_is_locked_and_says_the_same_again(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        done = supply_chain("sbom", "--part", "installer", "--folder", tmp_path / folder)
        assert done.returncode == 0, done.stderr
    file = tmp_path / "one" / "installer.cdx.json"
    # The tool has checked it against the schema before it wrote it.
    assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
    bom = json.loads(file.read_bytes())
    assert bom["bomFormat"] == "CycloneDX"
    assert bom["metadata"]["component"]["name"] == "kpi-delivery"
    locked = (REPOSITORY / "requirements" / "bootstrap.txt").read_text(encoding="utf-8")
    assert {(part["name"], part["version"]) for part in bom["components"]} == set(
        re.findall(r"^([\w.-]+)==(\S+)", locked, flags=re.MULTILINE)
    )
    for part in bom["components"]:
        (reference,) = part["externalReferences"]
        hashes = {found["content"] for found in reference["hashes"]}
        assert hashes == set(re.findall(r"--hash=sha256:(\w+)", locked))


def test_each_image_has_its_part() -> None:
    dockerfile = (REPOSITORY / "compose" / "images" / "Dockerfile").read_text(encoding="utf-8")
    for lock in PARTS.values():
        assert (REPOSITORY / "requirements" / f"{lock}.txt").is_file()
    # What installs, what is built with, what runs.
    installed = set(re.findall(r"-r /opt/requirements/(\w+)\.txt", dockerfile))
    assert installed - {"build"} <= set(PARTS.values())


def test_every_package_of_the_parts_is_locked_by_version_and_hash() -> None:
    for lock in PARTS.values():
        text = (REPOSITORY / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        for entry in re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n?", "", text, flags=re.MULTILINE)):
            assert re.search(r"==\S+", entry), entry
            assert "--hash=sha256:" in entry, entry
