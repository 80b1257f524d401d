"""OpenLineage events as JSON objects, after the standard's schemas.

They are made without the client, whose import costs more than a short step may: the client
takes them where it sends them.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from flows.platform.pipeline.declaration import Dataset, Pipeline, Step
from flows.platform.pipeline.lineage.facts import Facts
from flows.platform.pipeline.lineage.names import (
    dataset_name,
    job_name,
    job_namespace,
    lineage_run_id,
)
from flows.platform.pipeline.run import Run, UnplannedRun
from flows.settings import Settings

EventType = Literal["START", "COMPLETE", "FAIL", "ABORT"]
Event = dict[str, Any]

PRODUCER = "urn:kpi-delivery"
_SPEC = "https://openlineage.io/spec"
EVENT_SCHEMA = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACET_VERSIONS = {
    "ColumnLineageDatasetFacet": "1-2-0",
    "DataQualityAssertionsDatasetFacet": "1-1-0",
    "DatasetVersionDatasetFacet": "1-0-1",
    "DocumentationJobFacet": "1-1-0",
    "ErrorMessageRunFacet": "1-0-1",
    "InputStatisticsInputDatasetFacet": "1-0-0",
    "JobTypeJobFacet": "2-0-4",
    "NominalTimeRunFacet": "1-0-1",
    "OutputStatisticsOutputDatasetFacet": "1-0-2",
    "ParentRunFacet": "1-2-0",
    "SchemaDatasetFacet": "1-2-0",
    "TagsRunFacet": "1-0-0",
}
_MARK = "KPI"


def run_event(
    kind: EventType,
    settings: Settings,
    pipeline: Pipeline,
    run: Run,
    step: Step | None = None,
    *,
    facts: Facts | None = None,
    error: str | None = None,
) -> Event:
    """Return the event about the whole run, or about one of its steps.

    `facts` are known once the step is complete; `error` is a sentence without values.
    """
    found = facts or Facts()
    return {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(),
        "run": {
            "runId": lineage_run_id(run, step),
            "facets": _run_facets(settings, pipeline, run, step, error),
        },
        "job": {
            "namespace": job_namespace(),
            "name": job_name(pipeline, step),
            "facets": _job_facets(pipeline, step),
        },
        "inputs": [_input(settings, run, one, found) for one in step.inputs] if step else [],
        "outputs": [_output(settings, run, one, found) for one in step.outputs] if step else [],
        "producer": PRODUCER,
        "schemaURL": EVENT_SCHEMA,
    }


def _facet(name: str, **content: Any) -> dict[str, Any]:
    url = f"{_SPEC}/facets/{FACET_VERSIONS[name]}/{name}.json#/$defs/{name}"
    return {"_producer": PRODUCER, "_schemaURL": url, **content}


def _run_facets(
    settings: Settings, pipeline: Pipeline, run: Run, step: Step | None, error: str | None
) -> dict[str, Any]:
    facets = {
        # The id of the run as tables, logs and connections have it: the standard asks for a UUID.
        "tags": _facet(
            "TagsRunFacet", tags=[{"key": "run_id", "value": run.run_id, "source": _MARK}]
        ),
    }
    if not isinstance(run, UnplannedRun):
        day = datetime.combine(run.as_of, time.min, settings.zone)
        facets["nominalTime"] = _facet(
            "NominalTimeRunFacet",
            nominalStartTime=day.isoformat(),
            nominalEndTime=(day + timedelta(days=1)).isoformat(),
        )
    if step:
        whole = {
            "run": {"runId": lineage_run_id(run)},
            "job": {"namespace": job_namespace(), "name": job_name(pipeline, None)},
        }
        facets["parent"] = _facet("ParentRunFacet", **whole, root=whole)
    if error:
        facets["errorMessage"] = _facet(
            "ErrorMessageRunFacet", message=error, programmingLanguage="Python"
        )
    return facets


def _job_facets(pipeline: Pipeline, step: Step | None) -> dict[str, Any]:
    facets = {
        "jobType": _facet(
            "JobTypeJobFacet",
            processingType="BATCH",
            integration=_MARK,
            jobType="TASK" if step else "DAG",
        )
    }
    if text := step.summary if step else " → ".join(one.name for one in pipeline.steps):
        facets["documentation"] = _facet("DocumentationJobFacet", description=text)
    return facets


def _input(settings: Settings, run: Run, dataset: Dataset, facts: Facts) -> dict[str, Any]:
    about = {}
    if dataset in facts.rows:
        about["inputStatistics"] = _facet(
            "InputStatisticsInputDatasetFacet", rowCount=facts.rows[dataset]
        )
    if verdicts := facts.verdicts.get(dataset):
        about["dataQualityAssertions"] = _facet(
            "DataQualityAssertionsDatasetFacet",
            assertions=[
                {
                    "assertion": verdict.check,
                    "success": verdict.success,
                    **({"column": verdict.column} if verdict.column else {}),
                }
                for verdict in verdicts
            ],
        )
    return {**_dataset(settings, run, dataset, facts), "inputFacets": about}


def _output(settings: Settings, run: Run, dataset: Dataset, facts: Facts) -> dict[str, Any]:
    written = _dataset(settings, run, dataset, facts)
    if columns := facts.columns.get(dataset):
        written["facets"]["columnLineage"] = _facet(
            "ColumnLineageDatasetFacet",
            fields={
                column: {"inputFields": [_field(settings, run, *source) for source in sources]}
                for column, sources in columns.items()
            },
        )
    about = {}
    if dataset in facts.rows:
        about["outputStatistics"] = _facet(
            "OutputStatisticsOutputDatasetFacet", rowCount=facts.rows[dataset]
        )
    return {**written, "outputFacets": about}


def _dataset(settings: Settings, run: Run, dataset: Dataset, facts: Facts) -> dict[str, Any]:
    namespace, name = dataset_name(settings, run, dataset)
    facets = {}
    if fields := facts.fields.get(dataset):
        facets["schema"] = _facet(
            "SchemaDatasetFacet",
            fields=[{"name": column, "type": kind} for column, kind in fields.items()],
        )
    if version := facts.versions.get(dataset):
        facets["version"] = _facet("DatasetVersionDatasetFacet", datasetVersion=version)
    return {"namespace": namespace, "name": name, "facets": facets}


def _field(settings: Settings, run: Run, dataset: Dataset, column: str) -> dict[str, Any]:
    namespace, name = dataset_name(settings, run, dataset)
    return {"namespace": namespace, "name": name, "field": column}
