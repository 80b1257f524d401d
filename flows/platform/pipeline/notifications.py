"""Notifications: always a log line, plus a webhook if set. A dead webhook never fails a run."""

import html
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

from flows.settings import Settings
from flows.settings.webhook import WebhookSettings

logger = logging.getLogger(__name__)
# Its INFO lines show the full URL, which is the webhook's secret.
logging.getLogger("httpx").setLevel(logging.WARNING)

_TIMEOUT_SECONDS = 5

_collected: ContextVar[list[str] | None] = ContextVar("collected", default=None)


def notify(settings: Settings, text: str) -> bool:
    """Log `text` and post it to the webhook; return whether it was delivered.

    Inside `collected_notifications` it is collected instead, for the run's one message.
    """
    logger.info(text)
    collected = _collected.get()
    if collected is not None:
        collected.append(text)
        return False
    return post(settings, text)


@contextmanager
def collected_notifications() -> Iterator[list[str]]:
    """Yield a list that collects the notifications made inside."""
    collected: list[str] = []
    token = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(token)


def post(
    settings: Settings | WebhookSettings, text: str, link: tuple[str, str] | None = None
) -> bool:
    """Post `{"text": …}` to the webhook, in Slack's format; return whether it was delivered.

    `link` is a URL and its label; it follows the text.
    """
    if settings.webhook_url is None:
        return False
    written = html.escape(text, quote=False)
    if link:
        address, name = link
        written += f"\n<{address}|{html.escape(name, quote=False)}>"
    try:
        httpx.post(
            settings.webhook_url.get_secret_value(),
            json={"text": written},
            timeout=_TIMEOUT_SECONDS,
        ).raise_for_status()
    except httpx.HTTPStatusError as error:
        logger.warning("The webhook answered %s.", error.response.status_code)
        return False
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Only the type of error: its text may contain the webhook's secret URL.
        logger.warning("The webhook could not be reached (%s).", type(error).__name__)
        return False
    return True
