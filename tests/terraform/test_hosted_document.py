"""docs/hosted.md says what the module's files say."""

import re
from pathlib import Path

from flows.paths import REPOSITORY
from tests.terraform.terraform_module import SOURCE, Module

HOSTED = (REPOSITORY / "docs" / "hosted.md").read_text(encoding="utf-8")
NOTHING = ("null", "[]")


def described(file: Path) -> dict[str, tuple[str, str]]:
    """Return default and description of each variable, as the table writes them."""
    found = {}
    blocks = r'^variable "(\w+)" \{\n(.*?)^\}'
    for name, block in re.findall(blocks, file.read_text(), flags=re.MULTILINE | re.DOTALL):
        description = re.findall(r'^  description = "(.*)"$', block, flags=re.MULTILINE)[0]
        defaults = re.findall(r"^  default     = (.*)$", block, flags=re.MULTILINE)
        shown = "required"
        if defaults:
            shown = "none" if defaults[0] in NOTHING else f"`{defaults[0].strip(chr(34))}`"
        found[name] = (shown, description.replace('\\"', '"'))
    return found


def test_every_variable_is_in_the_table() -> None:
    variables = described(SOURCE / "variables.tf") | described(SOURCE / "variables_network.tf")
    [section] = re.findall(r"^## Variables\n(.*?)^## ", HOSTED, flags=re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", section, flags=re.MULTILINE)

    assert {name: (default, text) for name, default, text in rows} == variables


def test_what_is_forgotten_at_the_end_is_all_that_holds_data(module: Module) -> None:
    [command] = re.findall(r"state rm (.*?)\nmake", HOSTED, flags=re.DOTALL)
    forgotten = set(command.replace("\\", "").split())
    made = re.findall(
        r'^resource "(aws_ebs_volume|aws_s3_\w+)" "(\w+)"',
        "".join(path.read_text() for path in module.folder.glob("*.tf")),
        flags=re.MULTILINE,
    )

    assert forgotten == {f"{kind}.{name}" for kind, name in made}
