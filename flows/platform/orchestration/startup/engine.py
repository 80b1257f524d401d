"""Prefect's engine in a process of its own, for one flow run: `python -m …startup.engine`.

It is `python -m prefect.engine`, half of whose start is to import the server that it only asks.
"""

import runpy
import warnings

from flows.platform.orchestration.startup.api import import_prefect

PREFECTS = "prefect.engine"
OURS = "flows.platform.orchestration.startup.engine"


def main() -> None:
    """Run the flow run that Prefect's worker names in the environment; exit as the engine does."""
    import_prefect()
    with warnings.catch_warnings():
        # Importing Prefect imports its engine as well, which Python says of `-m`, too.
        warnings.simplefilter("ignore", RuntimeWarning)
        runpy.run_module(PREFECTS, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
