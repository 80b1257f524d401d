"""Run as a process against a Prefect server: deploys a flow, for whoever starts its runs.

Argument: `module:function` of the flow.
"""

import sys
from importlib import import_module

from prefect.deployments.runner import EntrypointType

if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    flow = getattr(import_module(module), name)
    flow.to_deployment("test", entrypoint_type=EntrypointType.MODULE_PATH).apply()
