"""Installing: how packages get from the cache of uv into an environment."""

import os
import subprocess

from flows.paths import REPOSITORY

# A target of this test's own, for what any target hands to uv.
_TELL = ("--no-print-directory", "--eval", "tell: ; @echo mode=$${UV_LINK_MODE}", "tell")
_OF_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "UV_LINK_MODE")


def test_packages_are_linked_on_one_disk_and_copied_to_another() -> None:
    assert _mode(cache=str(REPOSITORY / "flows")) == "mode="
    assert _mode(cache="/proc") == "mode=copy", "another disk than ours"


def _mode(cache: str) -> str:
    ours = {name: text for name, text in os.environ.items() if name not in _OF_MAKE}
    return subprocess.run(
        ["make", "-C", REPOSITORY, *_TELL],
        env=ours | {"UV_CACHE_DIR": cache},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()
