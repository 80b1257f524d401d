"""What goes wrong between us and Prefect's server, as a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from flows.errors import KpiError
from flows.platform.orchestration.api import import_prefect


@contextmanager
def prefect_answers() -> Iterator[None]:
    """Raise KpiError, naming the server, when a call inside fails."""
    import_prefect()
    from httpx import HTTPError
    from prefect.settings import PREFECT_API_URL

    try:
        yield
    except HTTPError as error:
        raise KpiError(
            f"The Prefect server at {PREFECT_API_URL.value()} does not answer as it should "
            f"({type(error).__name__}). Correct PREFECT_API_URL, or start it."
        ) from error
