"""compose/.env: written once, from an example without a password."""

import os
import stat
from itertools import pairwise
from pathlib import Path

import pytest

from compose.stack.profiles import PORTS, parts, profiles
from compose.stack.settings.environment import (
    assignments,
    described,
    example,
    first_text,
    with_missing_secrets,
    with_profiles,
    with_value,
    without_platform,
)
from compose.stack.settings.environment_file import create, read, replace
from compose.stack.settings.passwords import SECRETS
from compose.stack.speech import Refusal

OWN_CLUSTER = "spark://cluster.example:7077"


def test_every_variable_of_the_example_is_explained() -> None:
    unexplained = [
        line
        for above, line in pairwise(example().splitlines())
        if "=" in line and not line.startswith("#") and not above.startswith("# ")
    ]
    assert unexplained == []


def test_the_example_holds_every_secret_and_no_value_of_one() -> None:
    values = assignments(example())

    assert {name: values[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")
    assert {name for names in PORTS.values() for name in names} < set(values)


def test_secrets_are_generated_and_everything_else_is_the_example() -> None:
    first, second = assignments(first_text()), assignments(first_text())

    assert {name for name in first if first[name] != assignments(example())[name]} == set(SECRETS)
    assert len({values[name] for values in (first, second) for name in SECRETS}) == 2 * len(SECRETS)
    assert [SECRETS[name].fault(first[name]) for name in SECRETS] == [None] * len(SECRETS)
    assert not [name for name in SECRETS if first[name].startswith("-")]


def test_no_key_is_taken_for_an_option() -> None:
    """One in 64 would be, as base64 gives it."""
    keys = [SECRETS["PREFECT_ENCRYPTION_KEY"].generate() for _ in range(1000)]
    assert not [key for key in keys if key.startswith("-")]


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("REDIS_PASSWORD", "short", "at least 12 signs"),
        ("REDIS_PASSWORD", "with space in it", "letters, digits, - and _"),
        ("REDIS_PASSWORD", "with/slash+and@at", "letters, digits, - and _"),
        ("REDIS_PASSWORD", "größer-als-zwölf", "letters, digits, - and _"),
        ("S3_SECRET_ACCESS_KEY", "short", "at least 12 signs"),
        ("S3_SECRET_ACCESS_KEY", "dollar$dollar$", "every printable sign but"),
        ("S3_SECRET_ACCESS_KEY", 'quote"quote"quote', "every printable sign but"),
        ("AIRFLOW_JWT_SECRET", "a" * 63, "at least 64 signs"),
        ("AIRFLOW_FERNET_KEY", "a" * 44, "32 bytes"),
        ("AIRFLOW_FERNET_KEY", "not base64!", "32 bytes"),
    ],
)
def test_an_own_secret_that_cannot_be_used(name: str, value: str, fault: str) -> None:
    assert fault in (SECRETS[name].fault(value) or "")


def test_own_secrets_that_can_be_used() -> None:
    assert SECRETS["REDIS_PASSWORD"].fault("Twelve-_1234") is None
    assert SECRETS["S3_SECRET_ACCESS_KEY"].fault("wJal/rXUtn+FEMI=K7#MDENG") is None
    assert SECRETS["AIRFLOW_FERNET_KEY"].fault("a" * 42 + "A=") is None


def test_only_the_owner_reads_the_file_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    before = os.umask(0)
    try:
        create(path, "A=1\n")
        created = stat.S_IMODE(path.stat().st_mode)
        replace(path, "A=2\n")
    finally:
        os.umask(before)

    assert (created, stat.S_IMODE(path.stat().st_mode)) == (0o600, 0o600)
    assert read(path) == "A=2\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_is_never_created_again(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("mine")

    with pytest.raises(Refusal, match="start make up again"):
        create(path, "another")

    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, path = tmp_path / "elsewhere" / "settings", tmp_path / ".env"
    target.write_text("A=1\n")
    path.symlink_to(target)

    replace(path, "A=2\n")

    assert path.is_symlink()
    assert target.read_text() == "A=2\n"


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"absent is missing: make up writes it\.$"):
        read(tmp_path / "absent")
    with pytest.raises(Refusal, match="cannot be read"):
        read(tmp_path)
    with pytest.raises(Refusal, match="cannot be written"):
        create(tmp_path / "no-folder" / ".env", "")


def test_an_upgrade_adds_the_secrets_that_are_new_and_touches_nothing_else() -> None:
    older = "# mine\nREDIS_PASSWORD=as-it-has-been\nPOSTGRES_PORT=5433"

    newer = with_missing_secrets(older)

    assert newer.startswith(f"{older}\n")
    assert set(assignments(newer)) == {*SECRETS, "POSTGRES_PORT"}
    assert assignments(older).items() < assignments(newer).items()
    assert with_missing_secrets(newer) == newer
    assert with_missing_secrets("REDIS_PASSWORD=\n").count("REDIS_PASSWORD=") == 1


@pytest.mark.parametrize(
    ("chosen", "before", "after"),
    [
        ("full", "local[*]", "spark://spark-master:7077"),
        ("tools,spark", "local[*]", "spark://spark-master:7077"),
        ("airflow", "local[*]", "local[*]"),
        ("core", "spark://spark-master:7077", "local[*]"),
        ("full", OWN_CLUSTER, OWN_CLUSTER),
        ("core", OWN_CLUSTER, OWN_CLUSTER),
        ("spark", "local[2]", "local[2]"),
    ],
)
def test_training_moves_with_the_profile(chosen: str, before: str, after: str) -> None:
    text = with_value(example(), "SPARK_MASTER_URL", before)

    recorded = described(with_profiles(text, profiles(chosen)))

    assert recorded["SPARK_MASTER_URL"] == after
    assert recorded["COMPOSE_PROFILES"] == chosen.replace("core", "")


def test_profiles() -> None:
    assert profiles("") == profiles("core") == profiles(" , core") == ()
    assert profiles("tools, spark,tools") == ("tools", "spark")
    assert parts(("full",)) == ("core", "spark", "airflow", "tools")
    assert parts(("tools", "spark")) == ("core", "spark", "tools")
    with pytest.raises(Refusal, match="There is no profile Spark: choose among core, spark"):
        profiles("tools,Spark")


def test_a_file_is_read_as_compose_reads_it() -> None:
    text = "# A=0\n\nA=1\r\n export B = 'two # 2' # why\nC=\"three\"\nD=four # why\n"
    text += "E=x#y\nF= # no\nA=5\n"

    assert assignments(text) == {
        "A": "5",
        "B": "two # 2",
        "C": "three",
        "D": "four",
        "E": "x#y",
        "F": "",
    }


def test_a_variable_is_set_where_it_stands() -> None:
    text = "A=1\n# A=2\nexport B=3\nAB=4"

    assert with_value(text, "A", r"\1") == "A=\\1\n# A=2\nexport B=3\nAB=4"
    assert with_value(text, "B", "5") == "A=1\n# A=2\nexport B=5\nAB=4"
    assert with_value(text, "C", "6") == f"{text}\nC=6\n"


def test_variables_of_the_shell_do_not_reach_compose() -> None:
    shell = {"PATH": "/bin", "POSTGRES_PASSWORD": "x", "COMPOSE_PROFILES": "x", "KPI_HOME": "x"}
    shell["OPENLINEAGE_URL"] = "http://elsewhere.example"

    assert without_platform(shell) == {"PATH": "/bin"}
