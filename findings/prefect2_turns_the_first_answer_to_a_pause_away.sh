#!/usr/bin/env bash
# Prefect 2.20.26, seen on 2026-11-28 with Python 3.11.
#
# A flow run that waits for a form (`pause_flow_run(wait_for_input=…)`) is shown as paused before
# Prefect has kept the form. One would guess that whoever sees a paused run may answer it, and that
# an answer that is not taken raises. But an answer in that moment is refused for want of the form,
# with HTTP 200, and `resume_flow_run` of Prefect's client returns as if all were well: the run
# waits until its pause times out. An automation that answers at once meets this; so does a test.
# What `resume_flow_run` returns has to be looked at: its status is REJECT, its state still Paused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  prefect==2.20.26 'anyio<4.14' 'setuptools<81'

cat > "$folder/ask.py" << 'PYTHON'
import asyncio
import threading

from prefect import flow, get_client, pause_flow_run
from prefect.client.schemas.filters import FlowRunFilter
from prefect.input import RunInput

answers = []
asked = threading.Event()


class Answer(RunInput):
    yes: bool


async def answer_as_soon_as_it_is_paused() -> None:
    paused = FlowRunFilter.parse_obj({"state": {"type": {"any_": ["PAUSED"]}}})
    async with get_client() as client:
        while not (found := await client.read_flow_runs(flow_run_filter=paused)):
            pass
        taken = False
        while not taken:
            answered = await client.resume_flow_run(found[0].id, run_input={"yes": True})
            answers.append(f"{answered.status.value}, the run is {answered.state.name}")
            taken = answered.state.is_running()


@flow
def waits() -> bool:
    asked.set()
    return pause_flow_run(wait_for_input=Answer, timeout=60, poll_interval=1).yes


def person() -> None:
    asked.wait()
    asyncio.run(answer_as_soon_as_it_is_paused())


thread = threading.Thread(target=person)
thread.start()
print("the flow was told:", waits())
thread.join()
print("first answer:", answers[0])
print("last answer:", answers[-1])
PYTHON
export PREFECT_HOME="$folder/home" PREFECT_LOGGING_LEVEL=CRITICAL PREFECT_SERVER_ANALYTICS_ENABLED=false
seen=$("$folder/venv/bin/python" "$folder/ask.py" 2> /dev/null)
echo "$seen"
[ "$seen" = "the flow was told: True
first answer: REJECT, the run is Paused
last answer: ACCEPT, the run is Running" ]
