"""docs/hosted.md says what ansible/ says, and the example of its settings is one."""

import re
from typing import Any

import yaml

from compose.stack.settings.environment import assignments, example
from flows.paths import REPOSITORY

ANSIBLE = REPOSITORY / "ansible"
HOSTED = (REPOSITORY / "docs" / "hosted.md").read_text(encoding="utf-8")
# What an inventory says, and no role has a default for.
OF_THE_INVENTORY = {"ansible_host", "ansible_user", "proxy_domain"}
SPOKEN = (
    "hosted/*.py",
    "compose/stack/*.py",
    "terraform/*.tf",
    "ansible/**/*.yml",
    "ansible/roles/*/files/*",
)


def section(title: str) -> str:
    """The text under a heading of the document."""
    found = re.search(rf"^## {title}\n(.*?)^## ", HOSTED, flags=re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(title: str) -> list[list[str]]:
    """The cells of the only table of a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [line.strip("| ").split(" | ") for line in lines[2:]]


def defaults() -> dict[str, Any]:
    """Every setting with its default, as Ansible finds them."""
    files = [ANSIBLE / "group_vars" / "platform.yml", *ANSIBLE.glob("roles/*/defaults/main.yml")]
    found: dict[str, Any] = {}
    for file in files:
        found |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def shown(value: Any) -> str:
    """A default as the table writes it."""
    if value in ("", [], {}):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_the_settings_have_the_defaults_that_the_table_says() -> None:
    table = {name.strip("`"): default for name, default, _ in rows("Settings")}
    real = defaults()

    assert len(table) > 10
    assert table == {name: shown(real[name]) for name in table}


def test_every_page_is_in_the_table() -> None:
    of = {"readers": "readers or operators", "operators": "operators"}
    pages = [
        [
            page["title"],
            f"`{page['name']}.`" if page["name"] else "the domain itself",
            f"`{page['profile']}`",
            of[page["login"]] + (", then its own" if "password" in page else ""),
        ]
        for page in defaults()["kpi_pages"]
    ]

    assert rows("Pages") == pages


def test_every_role_is_in_the_table() -> None:
    [_, play] = yaml.safe_load((ANSIBLE / "deploy.yml").read_text(encoding="utf-8"))

    assert [name for name, _ in rows("Deploy it")] == [
        f"`{each['role']}`" for each in play["roles"]
    ]


def test_the_example_of_settings_sets_what_there_is() -> None:
    written = yaml.safe_load((ANSIBLE / "settings.yml.example").read_text(encoding="utf-8"))
    real = defaults()

    of_the_platform = written.pop("platform_settings")
    assert written == {name: real[name] for name in written}
    known = assignments(example())
    assert of_the_platform == {name: known[name] for name in of_the_platform}


def test_the_example_of_an_inventory_sets_what_there_is() -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", HOSTED, flags=re.DOTALL)
    [machine] = yaml.safe_load(text)["platform"]["hosts"].values()

    assert set(machine) - OF_THE_INVENTORY <= set(defaults())
    assert {"data_volume_device", "backup_bucket"} <= set(machine)


def test_what_goes_wrong_is_said_somewhere() -> None:
    # As people read it: strings of Python are joined, folded lines are one.
    said = "".join(
        path.read_text(encoding="utf-8") for place in SPOKEN for path in REPOSITORY.glob(place)
    )
    said = " ".join(re.sub(r'"\s*\n\s*f?"', "", said).split())

    for sentences, _ in rows("What goes wrong"):
        for sentence in re.findall("“(.+?)”", sentences):
            assert sentence in said


def test_every_target_is_told() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")

    targets = re.findall(r"^(hosted-\w+):", makefile, flags=re.MULTILINE)
    assert len(targets) == 8
    assert all(f"make {target}" in HOSTED for target in targets)
