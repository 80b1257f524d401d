"""What a process imports of Prefect when it asks a server."""

import os
import subprocess
import sys

import pytest

_IMPORT = """
import sys
from flows.platform.orchestration.startup.api import import_prefect
import_prefect()
import prefect.engine
print("prefect.server.api.server" in sys.modules)
"""


@pytest.mark.parametrize(("server", "imported"), [("http://127.0.0.1:4200/api", False), ("", True)])
def test_the_server_is_imported_only_where_it_runs(server: str, *, imported: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _IMPORT],
        env={**os.environ, "PREFECT_API_URL": server, "PREFECT_HOME": os.environ["KPI_HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == (f"{imported}\n", "")
