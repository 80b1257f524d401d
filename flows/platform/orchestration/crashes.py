"""Whether Prefect's server reports crashed runs itself."""

import asyncio
import logging

logger = logging.getLogger(__name__)

AUTOMATION = "kpi: tell of crashed runs"


def server_posts_crashes() -> bool:
    """Return whether the Prefect server posts crashes itself."""
    return asyncio.run(_registered())


async def _registered() -> bool:
    from prefect import get_client

    from flows.platform.orchestration.startup.compatibility import takes_events

    if not takes_events():
        return False
    try:
        async with get_client() as client:
            return bool(await client.read_automations_by_name(AUTOMATION))
    except Exception as error:
        # Two messages are better than none.
        logger.warning("Prefect's automations cannot be read (%s).", type(error).__name__)
        return False
