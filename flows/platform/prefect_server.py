"""What goes wrong between us and Prefect's server, as a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from flows.platform.errors import KpiError


@contextmanager
def prefect_answers() -> Iterator[None]:
    """Raise KpiError, naming the server, when a call inside fails."""
    from httpx import HTTPError
    from prefect.settings import PREFECT_API_URL

    try:
        yield
    except HTTPError as error:
        raise KpiError(
            f"The Prefect server at {PREFECT_API_URL.value()} does not answer as it should "
            f"({type(error).__name__}). Correct PREFECT_API_URL, or start it."
        ) from error
