"""What a run of crypto events tells of itself, from raw rows to published ones."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.contracts.producers.read import producer_path, read_producer
from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import plan_run
from flows.errors import BadInput, DataRejected
from flows.log_lines import current_run_id
from flows.platform.pipeline.lineage.names import lineage_run_id
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_events.landing.test_producers_delivery import KRAKEN
from tests.crypto_rows import add_rows, run_every_step
from tests.platform.pipeline.lineage.read_events import complete, dataset, events_of, kinds_of

JOB = "crypto_events_delivery"
AS_OF = date(2025, 3, 10)
STEPS = [step.name for step in PIPELINE.steps if not step.only_with]


def test_every_step_begins_and_completes_within_its_run(db: Connection, quick: Settings) -> None:
    add_rows(db, {}, {"user_id": "2"})
    run = plan_run(quick, AS_OF, run_id="crypto_events_dag/manual__1")
    run_every_step(quick, run)

    events = events_of(quick)
    assert kinds_of(events) == [
        ("crypto_events", "START"),
        *[(f"crypto_events.{name}", kind) for name in STEPS for kind in ("START", "COMPLETE")],
        ("crypto_events", "COMPLETE"),
    ]
    whole = events[0]["run"]["runId"]
    assert whole == lineage_run_id(run) == events[-1]["run"]["runId"]
    assert {event["run"]["facets"]["parent"]["run"]["runId"] for event in events[1:-1]} == {whole}
    assert events[0]["run"]["facets"]["tags"]["tags"][0]["value"] == run.run_id


def test_prefect_s_run_id_is_the_lineage_s() -> None:
    run_id = "0f7b1f2e-5a0c-4f0a-9a53-1d2f3a4b5c6d"
    assert lineage_run_id(Run(as_of=AS_OF, run_id=run_id)) == run_id


def test_columns_rows_and_verdicts_are_told_from_raw_to_prod(
    db: Connection, quick: Settings
) -> None:
    add_rows(db, {}, {"user_id": "2"}, {"user_id": "3"})
    run_every_step(quick, plan_run(quick, AS_OF))
    events = events_of(quick)

    merged = complete(events, "crypto_events.merge_to_prod")
    prod = dataset(merged, "outputs", ".prod.bt_crypto_events")
    assert prod["outputFacets"]["outputStatistics"]["rowCount"] == 3
    types = {field["name"]: field["type"] for field in prod["facets"]["schema"]["fields"]}
    assert (types["purchase_date"], types["user_id"]) == ("date", "bigint")

    def sources(dataset_: dict[str, Any], column: str) -> list[str]:
        fields = dataset_["facets"]["columnLineage"]["fields"][column]["inputFields"]
        return [f"{one['name'].split('.', 1)[1]}.{one['field']}" for one in fields]

    assert sources(prod, "purchase_value") == ["staging.bt_crypto_events_candidate.purchase_value"]
    staged = complete(events, "crypto_events.build_events_candidate")
    candidate = dataset(staged, "outputs", "_candidate")
    assert sources(candidate, "purchase_value") == [
        "raw.bt_crypto_transaction_history.purchase_price",
        "raw.bt_crypto_transaction_history.purchase_units",
    ]
    validated = complete(events, "crypto_events.ge_validate_raw")
    window = dataset(validated, "inputs", "_raw_window")
    assert window["inputFacets"]["inputStatistics"]["rowCount"] == 3
    verdicts = window["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert len(verdicts) > 10
    assert all(verdict["success"] for verdict in verdicts)


def test_a_delivery_is_told_from_its_file_to_the_raw_rows(quick: Settings, tmp_path: Path) -> None:
    file = delivery(tmp_path, "BRASIL,98765432101,10/3/2025,BTC,2,3")
    ingest(quick, file, "append")
    ingest(quick, file, "replace-days")

    events = events_of(quick)
    job = "crypto_events_delivery.ingest"
    assert kinds_of(events)[:4] == [
        ("crypto_events_delivery", "START"),
        (job, "START"),
        (job, "COMPLETE"),
        ("crypto_events_delivery", "COMPLETE"),
    ]
    told = complete(events, job)
    of_file = dataset(told, "inputs", str(file))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert of_file["facets"]["version"]["datasetVersion"] == sha256
    assert of_file["inputFacets"]["inputStatistics"]["rowCount"] == 1
    for name in ("transaction_history", "transaction_history_replaced"):
        table = dataset(told, "outputs", f".bt_crypto_{name}")
        assert table["outputFacets"]["outputStatistics"]["rowCount"] == 1
    assert "98765432101" not in json.dumps(events)


def test_lines_and_connections_of_a_delivery_have_its_id(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()

    def look(read: int) -> None:
        seen.add(current_run_id())

    ingest(quick, delivery(tmp_path, "BRASIL,1,10/3/2025,BTC,2,3"), "append", look)
    [run_id] = seen
    told = {event["run"]["runId"] for event in events_of(quick) if event["job"]["name"] == JOB}
    assert told == {run_id}


def test_a_producers_file_is_told_with_its_own_columns(quick: Settings, tmp_path: Path) -> None:
    file = tmp_path / "trades.csv"
    file.write_text(KRAKEN, encoding="utf-8")
    ingest(quick, file, "append", producer=read_producer(producer_path("kraken")))

    told = complete(events_of(quick), "crypto_events_delivery.ingest")
    fields = dataset(told, "inputs", str(file))["facets"]["schema"]["fields"]
    assert {field["name"] for field in fields} == {"time", "pair", "price", "vol"}
    history = dataset(told, "outputs", ".bt_crypto_transaction_history")
    made_of = history["facets"]["columnLineage"]["fields"]
    assert made_of["purchase_units"]["inputFields"][0]["field"] == "vol"
    assert "site_id" not in made_of


def test_a_delivery_that_is_refused_says_so_without_a_value(
    quick: Settings, tmp_path: Path
) -> None:
    with pytest.raises(BadInput):
        ingest(quick, delivery(tmp_path, "SECRET-CELL,1"), "append")
    events = events_of(quick)
    assert kinds_of(events)[-1] == ("crypto_events_delivery", "FAIL")
    assert "line 2" in events[-1]["run"]["facets"]["errorMessage"]["message"]
    assert "SECRET-CELL" not in json.dumps(events)


def delivery(folder: Path, *rows: str) -> Path:
    """A file with these rows."""
    file = folder / "delivery.csv"
    file.write_text("\n".join([",".join(RAW_COLUMNS), *rows, ""]), encoding="utf-8")
    return file


def test_every_column_of_the_lineage_exists(
    db: Connection, quick: Settings, tmp_path: Path
) -> None:
    add_rows(db, {})
    ingest(quick, delivery(tmp_path, "BRASIL,1,10/3/2025,BTC,2,3"), "append")
    run_every_step(quick, plan_run(quick, AS_OF))
    events = events_of(quick)
    known = {
        (one["name"], field["name"])
        for event in events
        for one in (*event["inputs"], *event["outputs"])
        for field in one["facets"].get("schema", {}).get("fields", [])
    }
    told = {
        pair
        for event in events
        for one in event["outputs"]
        for column, made_of in one["facets"].get("columnLineage", {}).get("fields", {}).items()
        for pair in (
            (one["name"], column),
            *((source["name"], source["field"]) for source in made_of["inputFields"]),
        )
    }
    assert told
    assert told <= known


def test_a_run_that_fails_says_so_without_a_value(db: Connection, quick: Settings) -> None:
    add_rows(db, {"site_id": "SECRET-CELL", "user_id": "98765432101"})
    with pytest.raises(DataRejected):
        run_every_step(quick, plan_run(quick, AS_OF, policy="abort"))

    events = events_of(quick)
    assert kinds_of(events)[-2:] == [
        ("crypto_events.ge_validate_raw", "FAIL"),
        ("crypto_events", "FAIL"),
    ]
    assert "rows" in events[-1]["run"]["facets"]["errorMessage"]["message"]
    assert broken_in(events[-2], "_raw_window") == {"site_id_unknown"}
    assert "SECRET-CELL" not in json.dumps(events)
    assert "98765432101" not in json.dumps(events)


def test_a_candidate_that_is_refused_says_which_check_failed(
    db: Connection, quick: Settings
) -> None:
    add_rows(db, {}, {"purchase_units": "9"})
    with pytest.raises(DataRejected):
        run_every_step(quick, plan_run(quick, AS_OF, policy="abort"))

    failed = events_of(quick)[-2]
    assert kinds_of([failed]) == [("crypto_events.ge_validate_candidate", "FAIL")]
    assert broken_in(failed, "_candidate")


def broken_in(event: dict[str, Any], ends_with: str) -> set[str]:
    """The checks that the dataset failed, as the event tells."""
    told = dataset(event, "inputs", ends_with)["inputFacets"]["dataQualityAssertions"]
    return {check["assertion"] for check in told["assertions"] if not check["success"]}
