"""Whether two runs told the same lineage: kinds of events in their order, and the graph."""

from pathlib import Path

from tests.platform.pipeline.lineage.read_events import Event, graph_of, kinds_of

Told = tuple[list[tuple[str, str]], set[tuple[str, str, str]]]


def runs_in(events: list[Event]) -> list[list[Event]]:
    """Return the events of each run, the runs as they began."""
    found: dict[str, list[Event]] = {}
    for event in events:
        whole = event["run"]["facets"].get("parent", event)["run"]["runId"]
        found.setdefault(whole, []).append(event)
    return list(found.values())


def told(run: list[Event], database: str, home: Path | None = None) -> Told:
    """Return what a run told, whatever its warehouse's database and its home are called."""
    graph = {
        (job, side, name.replace(f" {database}.", " DATABASE.").replace(f" {home}/", " HOME/"))
        for job, side, name in graph_of(run)
    }
    return kinds_of(run), graph
