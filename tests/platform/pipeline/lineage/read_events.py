"""Reads the events that runs left, and validates them against OpenLineage's own schemas."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from flows.settings import Settings

SCHEMAS = Path(__file__).parent / "openlineage_schemas"

Event = dict[str, Any]


def events_of(settings: Settings) -> list[Event]:
    """Return the events in the home, in their order, each of them valid."""
    files = sorted((settings.home / "lineage").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    found = [json.loads(line) for line in lines]
    for event in found:
        validate(event)
    return found


def validate(event: Event) -> None:
    """Raise jsonschema's ValidationError for an event, or a facet, that breaks its schema."""
    _check(event, event["schemaURL"])
    for holder in (event["run"], event["job"], *event["inputs"], *event["outputs"]):
        for kind in ("facets", "inputFacets", "outputFacets"):
            for name, facet in holder.get(kind, {}).items():
                _check({name: facet}, facet["_schemaURL"].partition("#")[0])


def _check(value: Any, url: str) -> None:
    Draft202012Validator({"$ref": url}, registry=_REGISTRY).validate(value)


def _schemas() -> dict[str, Any]:
    read = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")]
    return {schema["$id"]: schema for schema in read}


_REGISTRY: Registry[Any] = Registry().with_resources(
    (url, Resource.from_contents(schema)) for url, schema in _schemas().items()
)


def graph_of(events: list[Event]) -> set[tuple[str, str, str]]:
    """Return the edges: who reads or writes what, by names that do not depend on the run."""
    return {
        (event["job"]["name"], side, f"{dataset['namespace']} {dataset['name']}")
        for event in events
        for side in ("inputs", "outputs")
        for dataset in event[side]
    }


def kinds_of(events: list[Event]) -> list[tuple[str, str]]:
    """Return each event's job and type."""
    return [(event["job"]["name"], event["eventType"]) for event in events]


def complete(events: list[Event], job: str) -> Event:
    """Return the last COMPLETE event of the job."""
    return [
        event
        for event in events
        if event["job"]["name"] == job and event["eventType"] == "COMPLETE"
    ][-1]


def dataset(event: Event, side: str, ends_with: str) -> Event:
    """Return the one dataset whose name ends so."""
    [found] = [one for one in event[side] if one["name"].endswith(ends_with)]
    return found
