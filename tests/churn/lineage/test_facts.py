"""What runs of churn tell of themselves: from the five files to features, without a user's id."""

import hashlib
import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.churn.drift.columns import ColumnDrift
from flows.churn.drift.log_drift_result import DriftLogged
from flows.churn.drift.result import DriftReport, result_file
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.snapshots.build_current_snapshot import snapshot
from flows.churn.lineage.facts import (
    compared,
    drift_logged,
    outcomes_measured,
    scored,
    snapshot_built,
)
from flows.churn.model.score_users import Scores
from flows.churn.outcomes.campaign_outcome import CampaignOutcome
from flows.churn.outcomes.measure_outcomes import Outcomes
from flows.churn.outcomes.outcome import Outcome
from flows.churn.pipeline import (
    CAMPAIGN_OUTCOMES,
    CAMPAIGNS,
    DRIFT,
    DRIFT_HISTORY,
    DRIFT_MONITOR,
    DRIFT_RUNS,
    OUTCOMES,
    SCORES,
    SCORING,
    SNAPSHOT,
    TRAINING,
    WATCHDOG,
)
from flows.churn.planning import plan_drift, plan_snapshot, plan_training
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.errors import BadInput
from flows.platform.pipeline.lineage.events import run_event
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, ROWS, deliver
from tests.churn.handmade_models import with_churn
from tests.churn.sources.producers.foreign_files import write_foreign
from tests.platform.pipeline.lineage.read_events import (
    complete,
    dataset,
    events_of,
    kinds_of,
    validate,
)

USER = "987654321012"
COLUMN_OF_USER = {**dict.fromkeys(ROWS, 0), "PAYMENTS": 2}


def with_long_ids(file: str) -> tuple[str, ...]:
    """The file's rows, in which user 1 has an id that nothing else could be."""
    rows = [row.split(",") for row in ROWS[file]]
    for cells in rows:
        if cells[COLUMN_OF_USER[file]] == "1":
            cells[COLUMN_OF_USER[file]] = USER
    return tuple(",".join(cells) for cells in rows)


@pytest.fixture
def settings_of_churn(make_churn_settings: Any) -> Settings:
    """Settings without a database, for files that need not know one another's users."""
    made: Settings = make_churn_settings(min_known_share=0)
    return made


def test_features_are_told_with_the_columns_of_the_files(
    settings: Settings, tmp_path: Path
) -> None:
    settings = with_churn(settings, min_known_share=0)
    source = deliver(tmp_path / "delivery", **{file: with_long_ids(file) for file in ROWS})
    run = plan_training(settings, AS_OF, source=source)
    run_steps(TRAINING, settings, run, last="feature_engineering")
    events = events_of(settings)

    cleaned = complete(events, "churn_training.clean_raw_sources")
    payments = dataset(cleaned, "inputs", "PAYMENTS.csv")
    assert payments["inputFacets"]["inputStatistics"]["rowCount"] == len(ROWS["PAYMENTS"])
    assert len(payments["facets"]["version"]["datasetVersion"]) == 64
    kept = settings.home / "churn" / "runs" / run.run_id / "clean" / "PAYMENTS.parquet"
    checked = dataset(cleaned, "outputs", "PAYMENTS.parquet")
    sha256 = hashlib.sha256(hashlib.sha256(kept.read_bytes()).digest()).hexdigest()
    assert checked["facets"]["version"]["datasetVersion"] == sha256
    made = complete(events, "churn_training.feature_engineering")
    earlier = dataset(made, "outputs", "churn/earlier_features")
    assert earlier["outputFacets"]["outputStatistics"]["rowCount"] > 0
    assert len(earlier["facets"]["version"]["datasetVersion"]) == 64
    features = dataset(made, "outputs", "churn/features")
    lineage = features["facets"]["columnLineage"]["fields"]
    assert set(FEATURE_NAMES) < set(lineage)
    [source_, of_spent] = [
        (Path(one["name"]).name, one["field"]) for one in lineage["payments_sum"]["inputFields"]
    ]
    assert (source_, of_spent) == (
        ("PAYMENTS.parquet", "paid_on"),
        ("PAYMENTS.parquet", "spent"),
    )
    assert USER not in json.dumps(events)
    # Whom campaigns contacted takes no part, and who was held out counts as several.
    weight = [(Path(one["name"]).suffix, one["field"]) for one in lineage["weight"]["inputFields"]]
    assert weight == [
        (".bt_churn_campaigns", "contacted_on"),
        (".bt_churn_campaigns", "campaign_group"),
    ]
    assert dataset(made, "inputs", CAMPAIGNS.name)


def test_columns_of_a_producers_file_are_told_by_its_own_names(
    make_churn_settings: Any, tmp_path: Path
) -> None:
    source = deliver(tmp_path / "delivery")
    producer = write_foreign(source, "PAYMENTS", ROWS["PAYMENTS"])
    text = producer.read_text(encoding="utf-8").replace("  segment: Categoría\n", "")
    text = text.replace("  segment: {En tienda: Instore, Servicios: Utilities}\n", "")
    text = text.replace("values:\n", "constants: {segment: Instore}\n") + "others: ignore\n"
    producer.write_text(text, encoding="utf-8")
    settings = make_churn_settings(min_known_share=0, producers={"PAYMENTS": str(producer)})
    run_steps(
        TRAINING, settings, plan_training(settings, AS_OF, source=source), last="clean_raw_sources"
    )
    cleaned = complete(events_of(settings), "churn_training.clean_raw_sources")

    payments = dataset(cleaned, "inputs", "PAYMENTS.csv")
    own = ["FECHA DE PAGO", "VENDEDOR", "Comprador", "Importe", "DESCUENTO"]
    assert [field["name"] for field in payments["facets"]["schema"]["fields"]] == own
    checked = dataset(cleaned, "outputs", "PAYMENTS.parquet")["facets"]["columnLineage"]["fields"]
    made_from = {name: [one["field"] for one in of["inputFields"]] for name, of in checked.items()}
    # Nothing of the file says what the producer's file gives every row.
    assert made_from.pop("segment", []) == []
    assert list(made_from.values()) == [[name] for name in own]

    snapshot = plan_snapshot(settings, AS_OF, source=source)
    steps = run_steps(
        SCORING, settings, snapshot, first="build_current_snapshot", last="build_current_snapshot"
    )
    facts = snapshot_built(settings, snapshot, steps["build_current_snapshot"])
    of_sum = facts.columns[SNAPSHOT]["payments_sum"]
    assert [name for _, name in of_sum] == ["FECHA DE PAGO", "Importe"]
    of_login = facts.columns[SNAPSHOT]["login_recency_days"]
    assert [name for _, name in of_login] == ["last_login_mp_date_1"]


def test_a_bad_file_is_told_as_a_failure_without_its_cells(
    settings_of_churn: Settings, tmp_path: Path
) -> None:
    broken = (*ROWS["DEMOGRAFICOS"], "4,SECRET-CELL,F,,")
    source = deliver(tmp_path / "delivery", DEMOGRAFICOS=broken)
    run = plan_training(settings_of_churn, AS_OF, source=source)
    with pytest.raises(BadInput):
        run_steps(TRAINING, settings_of_churn, run, last="clean_raw_sources")
    events = events_of(settings_of_churn)
    assert kinds_of(events)[-1] == ("churn_training", "FAIL")
    assert "DEMOGRAFICOS" in events[-1]["run"]["facets"]["errorMessage"]["message"]
    assert "SECRET-CELL" not in json.dumps(events)


def test_scores_come_from_every_feature_and_from_the_version(
    settings: Settings, tmp_path: Path
) -> None:
    quick = settings.model_copy(
        update={"churn": settings.churn.model_copy(update={"min_known_share": 0})}
    )
    source = deliver(tmp_path / "delivery")
    run = plan_snapshot(quick, AS_OF, source=source)
    built = run_steps(
        SCORING, quick, run, first="build_current_snapshot", last="build_current_snapshot"
    )["build_current_snapshot"]
    described = snapshot_built(quick, run, built)
    assert described.rows[SNAPSHOT] == built.users
    content = described.versions[SNAPSHOT]
    assert len(content) == 64
    # The same content by the same name, until the file is another.
    assert snapshot_built(quick, run, built).versions[SNAPSHOT] == content
    [file, *_] = sorted(snapshot(quick, run).rglob("*.parquet"))
    before = file.read_bytes()
    file.write_bytes(before + b" ")
    assert snapshot_built(quick, run, built).versions[SNAPSHOT] != content
    file.write_bytes(before)

    facts = scored(quick, run, Scores(AS_OF, "3", 3, 1, active=2, active_churning=0))
    step = SCORING.step("score_users")
    event = run_event("COMPLETE", quick, SCORING, run, step, facts=facts)
    validate(event)
    scores = dataset(event, "outputs", SCORES.name)
    of_probability = scores["facets"]["columnLineage"]["fields"]["probability"]["inputFields"]
    assert [one["field"] for one in of_probability] == list(FEATURE_NAMES)
    model = dataset(event, "inputs", "churn-model")
    assert model["facets"]["version"]["datasetVersion"] == "3"


@pytest.mark.parametrize("simulate", [0.0, 2.0])
def test_drift_is_told_as_verdicts_on_the_features_of_the_snapshot(
    settings_of_churn: Settings, tmp_path: Path, simulate: float
) -> None:
    source = deliver(tmp_path / "delivery")
    run = plan_drift(settings_of_churn, AS_OF, source=source, simulate_drift=simulate)
    week = AS_OF - timedelta(days=7)
    report = DriftReport(
        AS_OF,
        run.simulated,
        [week],
        [
            ColumnDrift("payments_sum", "wasserstein", 0.1, 0.7, drifted=True),
            ColumnDrift("mau_mp_1", "missing", 0.1, 0.0, drifted=False),
        ],
        [],
        0.5,
        drifted_week=True,
        page=None,
    )
    write_json(result_file(settings_of_churn, run.run_id), asdict(report))

    step = DRIFT_MONITOR.step("run_drift_report")
    event = run_event(
        "COMPLETE",
        settings_of_churn,
        DRIFT_MONITOR,
        run,
        step,
        facts=compared(settings_of_churn, run, report),
    )
    validate(event)
    snapshot = dataset(event, "inputs", SNAPSHOT.name)
    assert snapshot["inputFacets"]["dataQualityAssertions"]["assertions"] == [
        {"assertion": "no_drift:wasserstein", "success": False, "column": "payments_sum"},
        {"assertion": "no_drift:missing", "success": True, "column": "mau_mp_1"},
    ]
    weeks = dataset(event, "inputs", DRIFT_HISTORY.name)["facets"]["version"]["datasetVersion"]
    assert weeks == str(week)

    logged = DriftLogged("drift", lasting=False, handed_over=False)
    facts = drift_logged(settings_of_churn, run, logged)
    assert (facts.rows[DRIFT_RUNS], facts.rows[DRIFT]) == (1, 2)
    assert facts.columns[DRIFT]["score"] == ((SNAPSHOT, "payments_sum"), (SNAPSHOT, "mau_mp_1"))
    # A demonstration is no week of the history.
    assert (DRIFT_HISTORY in facts.versions) is not run.simulated


def test_outcomes_come_from_earlier_scores_and_from_the_payments_since(
    settings: Settings, tmp_path: Path
) -> None:
    run = plan_drift(settings, AS_OF, source=deliver(tmp_path / "delivery"))
    clean_raw_sources(settings, run)
    month_before = AS_OF - timedelta(days=30)
    found = [
        Outcome(month_before, "3", "all", "realized", AS_OF, 3, roc_auc=0.5),
        Outcome(month_before, "3", "active", "realized", AS_OF, 2, asks_for_training="Worse."),
        Outcome(AS_OF, "3", "all", "not measured", AS_OF, 3, why="Days are missing."),
    ]
    campaign = CampaignOutcome(month_before, "3", AS_OF, 2, 1, 1, 1, -0.5, -0.9, 0.4)
    measured = Outcomes(found, ["Worse."], worse=True, handed_over=False, campaigns=[campaign])

    facts = outcomes_measured(settings, run, measured)
    step = DRIFT_MONITOR.step("measure_outcomes")
    event = run_event("COMPLETE", settings, DRIFT_MONITOR, run, step, facts=facts)

    validate(event)
    outcomes = dataset(event, "outputs", OUTCOMES.name)["facets"]["columnLineage"]["fields"]
    of_scores, of_payments = outcomes["roc_auc"]["inputFields"]
    assert of_scores["name"].endswith(SCORES.name)
    assert of_scores["field"] == "probability"
    assert (Path(of_payments["name"]).name, of_payments["field"]) == ("PAYMENTS.csv", "FECHA")
    changed = dataset(event, "outputs", CAMPAIGN_OUTCOMES.name)["facets"]["columnLineage"]["fields"]
    groups, payments = changed["contacted_churned"]["inputFields"]
    assert groups["name"].endswith(CAMPAIGNS.name)
    assert (groups["field"], payments["field"]) == ("campaign_group", "FECHA")
    assert dataset(event, "inputs", CAMPAIGNS.name)
    checks = dataset(event, "inputs", SCORES.name)["inputFacets"]["dataQualityAssertions"]
    assert checks["assertions"] == [
        {"assertion": "auc_in_its_band:realized:all", "success": True},
        {"assertion": "auc_in_its_band:realized:active", "success": False},
    ]


@pytest.mark.parametrize("pipeline", [TRAINING, SCORING, DRIFT_MONITOR, WATCHDOG])
def test_every_step_that_works_on_data_says_which(pipeline: Any) -> None:
    silent = [step.name for step in pipeline.steps if not step.inputs and not step.outputs]
    assert silent in ([], ["notify_success"])
