"""Ask the platform over HTTP, as patiently as it is busy: all of it shares two cores."""

from functools import partial

import httpx

from tests.prefect_server import certificates

SECONDS = 60

get = partial(httpx.get, timeout=SECONDS, verify=certificates())
post = partial(httpx.post, timeout=SECONDS, verify=certificates())
