"""Ask the platform over HTTP, as patiently as it is busy: all of it shares two cores."""

from functools import partial

import httpx

SECONDS = 60

get = partial(httpx.get, timeout=SECONDS)
post = partial(httpx.post, timeout=SECONDS)
