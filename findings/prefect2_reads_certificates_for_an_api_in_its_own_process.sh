#!/usr/bin/env bash
# Prefect 2.20.26 (httpx 0.28.1), seen on 2026-11-30 with Python 3.11.
#
# Without PREFECT_API_URL, a flow's API runs in its own process, and its client hands it requests
# without a network. One would guess that no certificate is needed for that. Each client reads the
# whole bundle of authorities all the same, as it does for a server at http://, and keeps nothing
# for the next one: some 15 ms of processor, and a run of a few tasks with artifacts makes a client
# for each of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
# Later ones of some others do not work with Prefect 2.
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==2.20.26 httpx==0.28.1 \
  'griffe<1' 'anyio<4.14' 'setuptools<81'

cat > "$folder/clients.py" << 'PYTHON'
import asyncio
import ssl
import sys
import warnings

warnings.simplefilter("ignore")
read = []
make = ssl.create_default_context


def counted(*arguments, cafile=None, **others):
    if sys._getframe(1).f_globals["__name__"] == "prefect.client.orchestration":
        read.append(cafile)
    return make(*arguments, cafile=cafile, **others)


ssl.create_default_context = counted
from prefect import get_client


async def ask(times):
    for _ in range(times):
        async with get_client() as client:
            await client.hello()
            kinds.add(client.server_type.value)


kinds = set()
asyncio.run(ask(3))
bundles = [file for file in read if file]
print("kind of API:", *(kind.lower() for kind in kinds))
print("clients: 3, bundles of certificates read:", len(bundles))
PYTHON

seen=$(PREFECT_HOME="$folder/home" "$folder/venv/bin/python" "$folder/clients.py" 2> "$folder/said") ||
  { cat "$folder/said" >&2; exit 1; }
echo "$seen"
[ "$seen" = "kind of API: ephemeral
clients: 3, bundles of certificates read: 3" ]
