"""Let Prefect's server report crashed runs: a killed process cannot.

Needs a server that accepts events (PREFECT_EXPERIMENTAL_EVENTS=true on server and clients).
"""

import asyncio
import os
from collections.abc import Iterable
from typing import Any

from flows.platform.deployments.server_calls import has, prefect_server, server_takes_events
from flows.platform.orchestration.crashes import AUTOMATION
from flows.platform.orchestration.startup.api import import_prefect
from flows.settings import Settings

WEBHOOK = "kpi-webhook"

_BLOCKS = "/block_types/slug/custom-webhook/block_documents/name"


def register_crash_automation(settings: Settings, flows: Iterable[str]) -> bool:
    """Register an automation that posts to the webhook when a run of these flows crashes.

    Replaces an earlier registration, and removes it when there is no webhook. Returns False
    without a webhook or a server that accepts events.
    """
    return asyncio.run(_register(settings, sorted(flows)))


async def _register(settings: Settings, flows: list[str]) -> bool:
    if not server_takes_events():
        return False
    async with prefect_server() as server:
        named = {"automations": {"name": {"any_": [AUTOMATION]}}}
        known = await server.post("/automations/filter", named)
        if settings.webhook_url is None:
            for automation in known:
                await server.delete(f"/automations/{automation['id']}")
            return False
        block = _webhook(settings.webhook_url.get_secret_value())
        saved = await server.get(f"{_BLOCKS}/{WEBHOOK}?include_secrets=true")
        if saved is not None and has(saved["data"], block):
            automation = _automation(saved["id"], flows)
            if known and has(known[0], {**automation, "enabled": True}):
                return True
    await _write(block, flows)
    return True


async def _write(block: dict[str, Any], flows: list[str]) -> None:
    import_prefect()
    from prefect import get_client
    from prefect.blocks.notifications import CustomWebhookNotificationBlock
    from prefect.events.schemas.automations import AutomationCore

    kind: Any = CustomWebhookNotificationBlock
    saved = await kind(**block).save(WEBHOOK, overwrite=True)
    automation = AutomationCore(**_automation(str(saved), flows))
    async with get_client() as client:
        known = await client.read_automations_by_name(AUTOMATION)
        if known:
            await client.update_automation(known[0].id, automation)
        else:
            await client.create_automation(automation)


def _webhook(url: str) -> dict[str, Any]:
    # Everybody can see its `url` field; its secrets are hidden.
    return {
        "name": "kpi",
        "url": "{{url}}",
        "json_data": {"text": "{{body}}"},
        "secrets": {"url": url},
    }


def _automation(block: str, flows: list[str]) -> dict[str, Any]:
    page = f"{_ui()}/flow-runs/flow-run/{{{{ flow_run.id }}}}"
    return {
        "name": AUTOMATION,
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
                "subject": AUTOMATION,
                "body": "{{ flow.name }} crashed: {{ flow_run.state.message }}\n"
                f"<{page}|{{{{ flow_run.name }}}}>",
            }
        ],
    }


def _ui() -> str:
    if address := os.environ.get("PREFECT_UI_URL"):
        return address
    import_prefect()
    from prefect.settings import PREFECT_UI_URL

    return str(PREFECT_UI_URL.value())
