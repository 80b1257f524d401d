"""MLflow's client: its import loads what we log with, and nothing else that is installed."""

import subprocess
import sys
from pathlib import Path

from flows.paths import REPOSITORY

_CODE = """
import sys; from pathlib import Path
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
mlflow_client(Settings(home=Path(sys.argv[1])))
print("polars" in sys.modules)
import polars
print(polars.DataFrame({"users": [1]}).height)
"""


def test_data_frames_of_others_are_loaded_by_who_uses_them_alone(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _CODE, tmp_path],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said.split() == ["False", "1"]
