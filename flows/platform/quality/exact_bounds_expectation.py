"""An expectation that GX lacks: bounds that stay whole numbers.

ExpectColumnValuesToBeBetween turns its bounds into floats, so PostgreSQL compares floats: above
2**53, or close to a bound, the result can differ (see
findings/great_expectations_bounds_are_floats.sh).
"""

from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)


class ExactBoundsExpectation(ExpectColumnValuesToBeBetween):
    """The same, with integer bounds, each of them optional."""

    min_value: int | None = None
    max_value: int | None = None
