"""What is refused, and what a failure leaves: nothing half made."""

from datetime import date
from pathlib import Path

import pytest

from flows.churn.sample_data.writer import write_sample_data
from flows.errors import BadInput


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"users": 0}, "users is 0: at least one has to be made up."),
        ({"seed": -1}, "seed is -1: it has to be 0 or more."),
        ({"drift": 1.5}, "drift is 1.5: it has to be between 0 and 1."),
        ({"drift": float("nan")}, "drift is nan: it has to be between 0 and 1."),
        (
            {"usage_as_of": date(2026, 7, 1)},
            "usage_as_of is 2026-07-01, which is after as_of 2026-06-30.",
        ),
        ({"as_of": date.min}, "as_of is 0001-01-01: it has to be in the years 2000 to 2100."),
        (
            {"usage_as_of": date(1999, 1, 1)},
            "usage_as_of is 1999-01-01: it has to be in the years 2000 to 2100.",
        ),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    arguments: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    with pytest.raises(BadInput) as error:
        write_sample_data(folder, **{"users": 5, "seed": 1, **arguments})
    assert str(error.value) == sentence
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(BadInput, match=r"/file/below cannot be written: Not a directory\."):
        write_sample_data(file / "below", users=5, seed=1)


def test_a_run_that_fails_halfway_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.churn.sample_data.writer.CHUNK", 40)
    write_sample_data(tmp_path, users=100, seed=1)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample_data(tmp_path, users=100, seed=2, on_progress=stop)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
