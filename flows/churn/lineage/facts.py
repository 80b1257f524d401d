"""What each step of churn says about the files, tables and models that it read and wrote."""

from pathlib import Path
from typing import TYPE_CHECKING

from flows.churn.drift.result import drift_result
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.feature_engineering import earlier_features, feature_table
from flows.churn.features.snapshots.build_current_snapshot import snapshot
from flows.churn.lineage.columns import (
    NAMES,
    Columns,
    delivered,
    of_clean,
    of_delivered,
    of_files,
)
from flows.churn.lineage.files import content_of, rows_of
from flows.churn.pipeline import (
    CAMPAIGN_OUTCOMES,
    CAMPAIGNS,
    CLEAN,
    DELIVERED,
    DRIFT,
    DRIFT_HISTORY,
    DRIFT_REPORTS,
    DRIFT_RUNS,
    EARLIER_FEATURES,
    FEATURES,
    MODEL,
    OUTCOMES,
    PROMOTIONS,
    SCORES,
    SNAPSHOT,
)
from flows.churn.sources.clean_raw_sources import clean_folder, cleaned_sources
from flows.churn.sources.contract import PAYMENTS, SOURCE_FILES
from flows.platform.pipeline.declaration import Dataset
from flows.platform.pipeline.lineage.facts import Facts, Verdict
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.churn.campaigns.deliver import Delivered
    from flows.churn.drift.log_drift_result import DriftLogged
    from flows.churn.drift.result import DriftReport
    from flows.churn.features.feature_engineering import FeatureTable
    from flows.churn.features.snapshots.build_current_snapshot import CurrentSnapshot
    from flows.churn.model.find_production import Production
    from flows.churn.model.score_users import Scores
    from flows.churn.model.training_result import Training
    from flows.churn.outcomes.measure_outcomes import Outcomes
    from flows.churn.production.document import Document
    from flows.churn.promotion.evaluate_candidate import Evaluation
    from flows.churn.promotion.promote_model import Promotion
    from flows.churn.run import ChurnRun, DriftRun
    from flows.churn.sources.changes.detect_source_changes import SourceChanges
    from flows.churn.sources.clean_raw_sources import CleanSources
    from flows.platform.pipeline.lineage.by_command import FileRun
    from flows.platform.pipeline.run import Run

_FEATURE_FIELDS = {"user_id": "bigint", **dict.fromkeys(FEATURE_NAMES, "double")}


def cleaned(settings: Settings, run: "ChurnRun", result: "CleanSources") -> Facts:
    """Rows, hashes and columns of the five files."""
    told = of_files(result)
    columns: dict[Dataset, Columns] = {
        CLEAN[file.name]: {
            column.becomes: delivered(result, file, column.becomes) for column in file.columns
        }
        for file in SOURCE_FILES
    }
    checked = {CLEAN[name]: rows for name, rows in result.rows.items()}
    types = {CLEAN[file.name]: {c.becomes: c.type for c in file.columns} for file in SOURCE_FILES}
    return Facts(
        rows={**told.rows, **checked},
        versions={
            **told.versions,
            **_contents(
                {
                    dataset: clean_folder(settings, run) / f"{name}.parquet"
                    for dataset, name in NAMES.items()
                }
            ),
        },
        columns=columns,
        fields={**told.fields, **types},
    )


def described(settings: Settings, run: "ChurnRun", result: "FeatureTable") -> Facts:
    """The users of a training, and the columns that each feature is made from."""
    columns = {
        **of_clean(),
        "weight": ((CAMPAIGNS, "contacted_on"), (CAMPAIGNS, "campaign_group")),
        "churned": ((CLEAN[PAYMENTS.name], "paid_on"),),
    }
    fields = {**_FEATURE_FIELDS, "weight": "double", "churned": "integer"}
    taught = _taught(settings, run, result)
    return Facts(
        rows=taught.rows,
        versions=taught.versions,
        columns={FEATURES: columns, EARLIER_FEATURES: columns},
        fields={FEATURES: fields, EARLIER_FEATURES: fields},
    )


def snapshot_built(settings: Settings, run: "ChurnRun", result: "CurrentSnapshot") -> Facts:
    """The users as of the day, straight from the five files."""
    sources = cleaned_sources(settings, run)
    told = of_files(sources)
    return Facts(
        rows={**told.rows, SNAPSHOT: result.users},
        versions={**told.versions, **_snapshot(settings, run)},
        columns={SNAPSHOT: of_delivered(sources)},
        fields={**told.fields, SNAPSHOT: _FEATURE_FIELDS},
    )


def trained(settings: Settings, run: "ChurnRun", result: "Training") -> Facts:
    """The users that it was fitted on, and the model as MLflow keeps it before it has a version."""
    taught = _taught(settings, run, feature_table(settings, run))
    return Facts(rows=taught.rows, versions={**taught.versions, MODEL: result.model_uri})


def evaluated(settings: Settings, run: "ChurnRun", result: "Evaluation") -> Facts:
    """The version that was registered."""
    return Facts(versions={MODEL: result.version})


def promoted(settings: Settings, run: "ChurnRun", result: "Promotion") -> Facts:
    """The version that was judged, and its line in the ledger."""
    return Facts(rows={PROMOTIONS: 1}, versions={MODEL: result.version})


def accepted(settings: Settings, run: "Run", result: "Document") -> Facts:
    """The version that a person made Production."""
    return Facts(rows={PROMOTIONS: 1}, versions={MODEL: result.version})


def rolled_back(settings: Settings, run: "Run", result: tuple[str, str]) -> Facts:
    """The version that is Production again."""
    _, restored = result
    return Facts(rows={PROMOTIONS: 1}, versions={MODEL: restored})


def campaign_delivered(settings: Settings, run: "FileRun", result: "Delivered") -> Facts:
    """Rows and hash of the file, and the users who were not known before."""
    own: Columns = {name: ((run.file, name),) for name in ("user_id", "contacted_on")}
    columns: Columns = {
        **own,
        "campaign_group": ((run.file, "group"),),
        "as_of": ((SCORES, "as_of"),),
    }
    return Facts(
        rows={run.file: result.users, CAMPAIGNS: result.new},
        versions={run.file: run.sha256()},
        columns={CAMPAIGNS: columns},
        fields={run.file: dict.fromkeys(("user_id", "contacted_on", "group"), "text")},
    )


def production_found(settings: Settings, run: "ChurnRun", result: "Production") -> Facts:
    """The version that scores."""
    return Facts(versions={MODEL: result.version})


def scored(settings: Settings, run: "ChurnRun", result: "Scores") -> Facts:
    """The scores, each of them made from every feature."""
    every_feature = tuple((SNAPSHOT, name) for name in FEATURE_NAMES)
    columns: Columns = {
        "user_id": ((SNAPSHOT, "user_id"),),
        "probability": every_feature,
        "reasons": every_feature,
    }
    return Facts(
        rows={SCORES: result.users, SNAPSHOT: result.users},
        versions={MODEL: result.model_version, **_snapshot(settings, run)},
        columns={SCORES: columns},
        fields={SNAPSHOT: _FEATURE_FIELDS},
    )


def compared(settings: Settings, run: "DriftRun", result: "DriftReport") -> Facts:
    """The verdict on each feature of the snapshot, and the weeks that it was compared with."""
    verdicts = tuple(
        Verdict(f"no_drift:{column.method}", not column.drifted, column.column_name)
        for column in result.columns
    )
    weeks = {DRIFT_HISTORY: ", ".join(map(str, result.reference))} if result.reference else {}
    return Facts(
        versions={**_snapshot(settings, run), **weeks, DRIFT_REPORTS: str(result.day)},
        verdicts={SNAPSHOT: verdicts},
        fields=dict.fromkeys((SNAPSHOT, DRIFT_HISTORY), _FEATURE_FIELDS),
    )


def drift_logged(settings: Settings, run: "DriftRun", result: "DriftLogged") -> Facts:
    """The numbers that were kept; a simulated run leaves the history of snapshots as it is."""
    report = drift_result(settings, run.run_id)
    # As many as were recorded: nothing where there was nothing to compare with.
    features = [column.column_name for column in report.columns] if report else []
    scores: Columns = {"score": tuple((SNAPSHOT, name) for name in features)}
    kept = {} if run.simulated else {DRIFT_HISTORY: str(run.as_of)}
    return Facts(
        rows={DRIFT_RUNS: int(bool(features)), DRIFT: len(features)},
        versions={**_snapshot(settings, run), **kept},
        columns={DRIFT: scores} if features else {},
        fields=dict.fromkeys((SNAPSHOT, DRIFT_HISTORY), _FEATURE_FIELDS),
    )


def outcomes_measured(settings: Settings, run: "DriftRun", result: "Outcomes") -> Facts:
    """How good the scores of earlier days were: their probabilities beside the payments since.

    And what campaigns changed: their groups beside the payments.
    """
    paid_on = delivered(cleaned_sources(settings, run), PAYMENTS, "paid_on")
    made_from = ((SCORES, "probability"), *paid_on)
    measures = ("roc_auc", "calibration_error", "precision_at_capacity", "lift_at_capacity")
    columns: dict[Dataset, Columns] = {}
    if result.found:
        columns[OUTCOMES] = dict.fromkeys(measures, made_from)
    if result.campaigns:
        of_groups = ((CAMPAIGNS, "campaign_group"), *paid_on)
        counts = ("contacted_churned", "control_churned", "difference")
        columns[CAMPAIGN_OUTCOMES] = dict.fromkeys(counts, of_groups)
    verdicts = tuple(
        Verdict(f"auc_in_its_band:{outcome.kind}:{outcome.among}", not outcome.asks_for_training)
        for outcome in result.found
        if outcome.kind != "not measured"
    )
    return Facts(
        rows={OUTCOMES: len(result.found), CAMPAIGN_OUTCOMES: len(result.campaigns)},
        columns=columns,
        verdicts={SCORES: verdicts},
    )


def watched(settings: Settings, run: "ChurnRun", result: "SourceChanges") -> Facts:
    """The hashes of the five files."""
    hashes = {DELIVERED[name]: sha256 for name, sha256 in result.sha256.items()}
    return Facts(versions=hashes)


def _contents(places: dict[Dataset, Path]) -> dict[Dataset, str]:
    """Return the hash of each dataset that lies there."""
    found = {dataset: content_of(path) for dataset, path in places.items()}
    return {dataset: content for dataset, content in found.items() if content}


def _snapshot(settings: Settings, run: "ChurnRun") -> dict[Dataset, str]:
    return _contents({SNAPSHOT: snapshot(settings, run)})


def _taught(settings: Settings, run: "ChurnRun", table: "FeatureTable") -> Facts:
    """Rows and hashes of the users that a training reads."""
    earlier = earlier_features(settings, run)
    return Facts(
        rows={FEATURES: table.users, EARLIER_FEATURES: rows_of(settings, earlier)},
        versions={FEATURES: table.dataset_sha256, **_contents({EARLIER_FEATURES: earlier})},
    )
