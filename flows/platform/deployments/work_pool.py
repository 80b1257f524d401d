"""The work pool, without which no run starts: what to say when somebody deleted it."""

from flows.platform.deployments.declared import WORK_POOL


def pool_is_gone() -> str:
    """Return the beginning of the sentence: what is missing where, and what brings it back."""
    from prefect.settings import PREFECT_API_URL

    return (
        f"The Prefect server at {PREFECT_API_URL.value()} has no work pool {WORK_POOL}, and no "
        "deployment runs without it: make it and them anew with `kpi deploy`"
    )
