"""An expectation that GX lacks: a query that must return nothing, run once.

UnexpectedRowsExpectation runs its query twice, once for the rows and once to count them. The
queries here return at most one row, which holds a count, so the second run is useless.
"""

from typing import Any, ClassVar

from great_expectations.expectations.core.unexpected_rows_expectation import (
    UnexpectedRowsExpectation,
)


class SingleQueryExpectation(UnexpectedRowsExpectation):
    """Fails when `unexpected_rows_query` returns a row; its first value is the count shown."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        rows = metrics["unexpected_rows_query.table"]
        unexpected = next(iter(rows[0].values())) if rows else 0
        return {
            "success": not rows,
            # Not under "unexpected_count": Data Docs would then need a percentage too.
            "result": {"observed_value": unexpected, "details": {"unexpected_count": unexpected}},
        }
