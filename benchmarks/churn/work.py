"""Everything that is measured, by name."""

import importlib
from collections.abc import Callable

from benchmarks.churn import ours, training
from benchmarks.churn.place import Place

FLOOR = "floor: DuckDB parses every column"
CLEAN = "our clean step"
STEP = "our feature step"
BOTH = "our clean and feature steps"
SPARK = "our feature step with Spark"
QUERY = "our features"
QUERY_FROM_CSV = "our clean step and features"
PANDAS, PANDAS_FROM_CSV = "pandas", "pandas from CSV"
POLARS, POLARS_FROM_CSV = "Polars", "Polars from CSV"

# Imported where it runs, so that the memory of pandas does not count for DuckDB.
_RIVALS = {
    PANDAS: ("with_pandas", "from_parquet"),
    PANDAS_FROM_CSV: ("with_pandas", "from_csv"),
    POLARS: ("with_polars", "from_parquet"),
    POLARS_FROM_CSV: ("with_polars", "from_csv"),
}
_OURS: dict[str, Callable[[Place], None]] = {
    FLOOR: ours.floor,
    CLEAN: ours.clean,
    STEP: ours.step,
    BOTH: ours.from_csv,
    SPARK: ours.with_spark,
    QUERY: ours.query,
    QUERY_FROM_CSV: ours.query_from_csv,
}
RIVALS = tuple(_RIVALS)
TRAINING = tuple(training.FITS)


def find(name: str) -> Callable[[Place], dict[str, float] | None]:
    """Return the named work, with everything it needs imported."""
    if name in _RIVALS:
        module, function = _RIVALS[name]
        found: Callable[[Place], None] = getattr(
            importlib.import_module(f"benchmarks.churn.{module}"), function
        )
        return found
    return _OURS.get(name) or training.FITS[name]
