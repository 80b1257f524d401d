"""Run as a process against a Prefect server: deploys a flow, for whoever starts its runs.

Arguments: `module:function` of the flow, and the work pool whose workers start its runs, if any.
"""

import sys
from importlib import import_module

from prefect.deployments.runner import EntrypointType

if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    flow = getattr(import_module(module), name)
    pool = sys.argv[2] if len(sys.argv) > 2 else None
    flow.to_deployment(
        "test", work_pool_name=pool, entrypoint_type=EntrypointType.MODULE_PATH
    ).apply()
