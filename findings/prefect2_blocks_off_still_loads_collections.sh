#!/usr/bin/env bash
# Prefect 2.20.26, seen on 2026-11-28 with Python 3.11.
#
# PREFECT_API_BLOCKS_REGISTER_ON_START=false says that block types are not registered when the
# API starts. One would guess that an API within the process (no server set) then starts without
# the collections that declare blocks. It imports every installed one all the same, and hashes
# what they declare: memoizing the registration comes first, and asks for the setting last. With
# prefect-aws installed that is boto3 and the models of its workers, at each start of each script.
# Only PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION=false beside it, which reads as if it meant more
# work, leaves them out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  prefect==2.20.26 prefect-aws==0.4.19 'anyio<4.14' 'setuptools<81'

cat > "$folder/start.py" << 'PYTHON'
import asyncio
import sys

from prefect import get_client


async def start() -> None:
    async with get_client() as client:
        await client.hello()


asyncio.run(start())
print("prefect_aws loaded:", "prefect_aws" in sys.modules)
PYTHON

start() {
  env PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false \
    PREFECT_API_BLOCKS_REGISTER_ON_START=false "$@" "$folder/venv/bin/python" "$folder/start.py" 2> /dev/null
}
seen=$(
  echo "registration off:                      $(start env)"
  echo "registration off, and its memo as well: $(start env PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION=false)"
)
echo "$seen"
[ "$seen" = "registration off:                      prefect_aws loaded: True
registration off, and its memo as well: prefect_aws loaded: False" ]
