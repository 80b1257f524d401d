"""How declarations become words of the command line."""

import pytest

from flows.crypto_events.pipeline import PIPELINE
from flows.platform.pipeline.declaration import Parameter

SHARE = Parameter("max_reject_share", float, "How many.")


@pytest.mark.parametrize(
    ("value", "arguments"),
    [
        (None, []),
        (False, []),
        (True, ["--max-reject-share"]),
        (0, ["--max-reject-share", "0"]),
        (0.5, ["--max-reject-share", "0.5"]),
        ("a b", ["--max-reject-share", "a b"]),
    ],
)
def test_a_parameter_is_left_out_or_said_as_it_is(
    value: str | float | None, arguments: list[str]
) -> None:
    assert SHARE.arguments(value) == arguments


def test_a_parameter_that_leaves_a_step_out_is_none_of_the_steps() -> None:
    names = [parameter.name for parameter in PIPELINE.parameters]

    assert [parameter.name for parameter in PIPELINE.planned_parameters] == names[:-1]
    assert names[-1] == "generate"
