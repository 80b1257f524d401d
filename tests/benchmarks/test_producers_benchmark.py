"""The benchmark of producers' forms reads each of them."""

import pytest

from benchmarks.producers.__main__ import main


def test_each_form_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    main(1000)
    said = capsys.readouterr().out
    assert "1,000 payments" in said
    assert "semicolons, decimal commas, D/M/Y" in said
    assert "the same in Windows-1252" in said
