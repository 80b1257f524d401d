"""The endpoint that Prometheus reads."""

from flows.errors import KpiError
from flows.settings import Settings


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve them from a thread; raise KpiError when the address cannot be listened at."""
    from prometheus_client import CollectorRegistry, start_http_server

    from flows.observed.collector import Platform

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Platform(settings))
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        raise KpiError(f"Nothing can listen at {host}:{port} ({error.strerror}).") from error
