"""Notifications: a log line always, a webhook when one is set. A dead webhook fails nothing."""

import logging

import httpx

from flows.platform.settings import Settings

logger = logging.getLogger(__name__)
# Its INFO lines show the whole address, which is the webhook's secret.
logging.getLogger("httpx").setLevel(logging.WARNING)

_TIMEOUT_SECONDS = 5


def notify(settings: Settings, text: str, *, failed: bool = False) -> bool:
    """Log `text` and post `{"text": text}` to the webhook; return whether it was delivered."""
    logger.log(logging.ERROR if failed else logging.INFO, text)
    if settings.webhook_url is None:
        return False
    try:
        httpx.post(
            settings.webhook_url.get_secret_value(), json={"text": text}, timeout=_TIMEOUT_SECONDS
        ).raise_for_status()
    except httpx.HTTPStatusError as error:
        logger.warning("The webhook answered %s.", error.response.status_code)
        return False
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Only the kind of error: its text may hold the webhook's secret address.
        logger.warning("The webhook could not be reached (%s).", type(error).__name__)
        return False
    return True
