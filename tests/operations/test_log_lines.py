"""Each line that a run's process writes has the run's id, from the first to the last."""

import json
from pathlib import Path

import pytest

from flows.log_lines import NO_RUN
from tests.prefect_server import PrefectServer

pytestmark = pytest.mark.xdist_group("servers")

OF_THE_PROCESS = "0f7b1f2e-5a0c-4f0a-9a53-1d2f3a4b5c6d"


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_each_line_on_a_terminal_is_as_the_setting_says_and_has_an_id(
    log_format: str, prefect: PrefectServer, tmp_path: Path
) -> None:
    (tmp_path / "end").touch()
    said = prefect.run(
        "stepping_flow.py",
        FOLDER=str(tmp_path),
        KPI_LOG_FORMAT=log_format,
        COLUMNS="500",
        # As a worker sets it, for lines in which Prefect does not say whose they are.
        PREFECT__FLOW_RUN_ID=OF_THE_PROCESS,
    )
    lines = said.splitlines()
    [run] = prefect.post("/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", "limit": 1})
    assert len(lines) > 1
    if log_format == "json":
        told = [json.loads(line) for line in lines]
        assert NO_RUN not in {line["run"] for line in told}
        assert told[-1]["run"] == run["id"]
        assert "Finished" in told[-1]["message"]
    else:
        assert {line.partition(" | ")[0] for line in lines} == {OF_THE_PROCESS, run["id"]}
