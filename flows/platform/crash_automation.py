"""Prefect's server tells of crashed runs: a process that was killed cannot.

Needs a server that takes events (PREFECT_EXPERIMENTAL_EVENTS=true on server and clients).
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from flows.platform.settings import Settings

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.events.schemas.automations import AutomationCore

logger = logging.getLogger(__name__)

NAME = "kpi: tell of crashed runs"
WEBHOOK = "kpi-webhook"


def tell_of_crashes(settings: Settings, flows: Iterable[str]) -> bool:
    """Register that the server posts to the webhook when a run of these flows crashes.

    Done again, it replaces what was registered. Without a webhook, or a server that takes
    events, it returns False, and nothing is registered any more.
    """
    return asyncio.run(_register(settings, sorted(flows)))


def crashes_are_told() -> bool:
    """Tell whether the Prefect server posts crashes itself."""
    return asyncio.run(_registered())


async def _register(settings: Settings, flows: list[str]) -> bool:
    from prefect import get_client

    from flows.platform.prefect_versions import takes_events

    if not takes_events():
        return False
    async with get_client() as client:
        known = await client.read_automations_by_name(NAME)
        if settings.webhook_url is None:
            for automation in known:
                await client.delete_automation(automation.id)
            return False
        block = await _save_webhook(settings.webhook_url.get_secret_value())
        automation = _automation(block, flows)
        if known:
            await client.update_automation(known[0].id, automation)
        else:
            await client.create_automation(automation)
    return True


async def _registered() -> bool:
    from prefect import get_client

    from flows.platform.prefect_versions import takes_events

    if not takes_events():
        return False
    try:
        async with get_client() as client:
            return bool(await client.read_automations_by_name(NAME))
    except Exception as error:
        # Two messages are better than none.
        logger.warning("Prefect's automations cannot be read (%s).", type(error).__name__)
        return False


async def _save_webhook(url: str) -> "UUID":
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    # Its own field for the address is shown to everybody; its secrets are not.
    declared: dict[str, Any] = {
        "name": "kpi",
        "url": "{{url}}",
        "json_data": {"text": "{{body}}"},
        "secrets": {"url": url},
    }
    block: Any = CustomWebhookNotificationBlock(**declared)
    return cast("UUID", await block.save(WEBHOOK, overwrite=True))


def _automation(block: "UUID", flows: list[str]) -> "AutomationCore":
    from prefect.events.schemas.automations import AutomationCore
    from prefect.settings import PREFECT_UI_URL

    page = f"{PREFECT_UI_URL.value()}/flow-runs/flow-run/{{{{ flow_run.id }}}}"
    declared: dict[str, Any] = {
        "name": NAME,
        "description": "Posts to the webhook of kpi. Registered by kpi deploy.",
        "trigger": {
            "type": "event",
            "posture": "Reactive",
            "expect": ["prefect.flow-run.Crashed"],
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": {"prefect.resource.role": "flow", "prefect.resource.name": flows},
            "threshold": 1,
        },
        "actions": [
            {
                "type": "send-notification",
                "block_document_id": block,
                "subject": NAME,
                "body": "{{ flow.name }} crashed: {{ flow_run.state.message }}\n"
                f"<{page}|{{{{ flow_run.name }}}}>",
            }
        ],
    }
    return AutomationCore(**declared)
