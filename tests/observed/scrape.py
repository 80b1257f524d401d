"""What Prometheus reads of the platform, as numbers."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from flows.local.machine import LOOPBACK

PATIENCE = 60


def scraped(port: int) -> dict[str, dict[str, float]]:
    """Return the value of each sample, by metric and label."""
    answer = httpx.get(f"http://{LOOPBACK}:{port}/metrics", timeout=PATIENCE)
    text = answer.raise_for_status().text
    return {
        family.name: {",".join(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text)
    }
