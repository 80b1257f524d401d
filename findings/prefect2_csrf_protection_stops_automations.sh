#!/usr/bin/env bash
# Prefect 2.20.26, seen on 2026-11-28 with Python 3.11.
#
# PREFECT_SERVER_CSRF_PROTECTION_ENABLED=true makes who writes to a server bring a token, and is
# recommended for production; every client of Prefect's brings it by itself. One would guess that
# nothing else changes. But the server's own automations ask its API as well, within the process,
# with a client whose support for these tokens is switched off: an automation that runs a
# deployment gets 403 from its own server, and no run is ever created. Nothing in the UI says so.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  prefect==2.20.26 'anyio<4.14' 'setuptools<81'

cat > "$folder/ask.py" << 'PYTHON'
import asyncio
import time

from prefect import get_client
from prefect.events import emit_event
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture


async def runs_after_an_event() -> int:
    async with get_client() as client:
        flow = await client.create_flow_from_name("a-flow")
        deployment = await client.create_deployment(flow, "a-deployment")
        await client.create_automation(
            AutomationCore(
                name="run it",
                trigger=EventTrigger(
                    expect={"something.happened"}, posture=Posture.Reactive, threshold=1
                ),
                actions=[RunDeployment(deployment_id=deployment)],
            )
        )
        time.sleep(5)  # the server reads automations every now and then
        emit_event("something.happened", resource={"prefect.resource.id": "a.thing"})
        for _ in range(20):
            await asyncio.sleep(1)
            if found := await client.read_flow_runs():
                return len(found)
        return 0


print(asyncio.run(runs_after_an_event()), "runs")
PYTHON

runs_with_protection() {
  local port
  port=$("$folder/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  export PREFECT_HOME="$folder/home-$1" PREFECT_SERVER_ANALYTICS_ENABLED=false
  export PREFECT_EXPERIMENTAL_EVENTS=true PREFECT_SERVER_CSRF_PROTECTION_ENABLED="$1"
  "$folder/venv/bin/prefect" server start --host 127.0.0.1 --port "$port" > "$folder/log" 2>&1 &
  server=$!
  export PREFECT_API_URL="http://127.0.0.1:$port/api"
  for _ in $(seq 120); do
    "$folder/venv/bin/python" -c "import urllib.request as u; u.urlopen('$PREFECT_API_URL/health')" 2> /dev/null && break
    sleep 1
  done
  "$folder/venv/bin/python" "$folder/ask.py" 2> /dev/null
  kill "$server"
  wait "$server" 2> /dev/null || true
  server=
}
runs_with_protection false > "$folder/off"
runs_with_protection true > "$folder/on"
seen="protection off: $(cat "$folder/off")
protection on:  $(cat "$folder/on")"
echo "$seen"
[ "$seen" = "protection off: 1 runs
protection on:  0 runs" ]
