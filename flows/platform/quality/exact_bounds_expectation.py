"""An expectation that GX lacks: bounds that stay whole numbers.

ExpectColumnValuesToBeBetween makes its bounds floats, and PostgreSQL then compares as floats: above
2**53, or close to a bound, that is another comparison (see
findings/great_expectations_bounds_are_floats.sh).
"""

from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)


class ExactBoundsExpectation(ExpectColumnValuesToBeBetween):
    """The same, with whole numbers as bounds, each of which may be left out."""

    min_value: int | None = None
    max_value: int | None = None
