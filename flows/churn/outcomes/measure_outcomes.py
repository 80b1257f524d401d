"""Measure the scores whose days are over, estimate the others, ask for a training when worse."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from flows.churn.events import NOBODY_LISTENS, emit
from flows.churn.folders import churn_run_folder
from flows.churn.outcomes.campaign_outcome import CampaignOutcome, measure_campaigns
from flows.churn.outcomes.judged import judged
from flows.churn.outcomes.outcome import Outcome, outcomes
from flows.churn.outcomes.scored_days import (
    ScoredDay,
    scored_days,
    what_happened,
    what_is_missing,
)
from flows.churn.outcomes.version_in_mlflow import note_on_version
from flows.churn.pipeline import MODEL_WORSE
from flows.churn.production.truth import look
from flows.churn.run import DriftRun
from flows.churn.sources.clean_raw_sources import CleanSources, cleaned_sources
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import read_json_as, write_json
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings

logger = logging.getLogger(__name__)

_WORTH = {"realized": 2, "estimated": 1, "not measured": 0}


@dataclass(frozen=True)
class Outcomes:
    """What the run found, oldest first, and why it asks for a training, if it does.

    `worse`: it does; `handed_over`: somebody listens to that; `campaigns`: what they changed.
    """

    found: list[Outcome]
    reasons: list[str]
    worse: bool
    handed_over: bool
    campaigns: list[CampaignOutcome] = field(default_factory=list)

    @property
    def latest(self) -> Outcome | None:
        """What says most of them all: measured rather than estimated, active users, the newest."""
        groups = [outcome for outcome in self.found if outcome.among in ("active", "all")]
        return max(
            groups,
            default=None,
            key=lambda found: (_WORTH[found.kind], found.as_of, found.among == "active"),
        )


def measure_outcomes(settings: Settings, run: DriftRun) -> Outcomes:
    """Record in dqm.bt_churn_outcomes how good scores were, or seem to be; tell MLflow.

    Scores of a day are measured for good once the `label_days` after it are over and PAYMENTS holds
    them; until then they are estimated, and where days are missing they are not measured, which is
    told. What an earlier run recorded, and was cut short before it told, is told, too. Emits an
    event when Production's ROC AUC is below that of its holdout by more than `auc_drop`, whatever
    chance explains. A simulated run measures nothing. Raises BadInput before the snapshot was
    built, Unavailable where MLflow does not answer: then the next run does what is left.
    """
    sources = cleaned_sources(settings, run)
    if run.simulated:
        return _kept(settings, run, Outcomes([], [], worse=False, handed_over=False))
    found = [
        outcome
        for day in scored_days(settings, run, sources)
        for outcome in _of_day(settings, run, sources, day)
    ]
    production = look(settings).production
    found = _recorded(settings, run, judged(settings, production, found))
    for version in dict.fromkeys(outcome.model_version for outcome in found):
        of_version = [outcome for outcome in found if outcome.model_version == version]
        note_on_version(settings, of_version)
    for outcome in found:
        level = logging.WARNING if outcome.kind == "not measured" else logging.INFO
        logger.log(level, "%s", outcome)
    reasons = [
        outcome.asks_for_training
        for outcome in found
        if outcome.asks_for_training and outcome.model_version == production
    ]
    campaigns = measure_campaigns(settings, run, sources)
    for campaign in campaigns:
        logger.info("%s", campaign)
    handed_over = False
    if reasons:
        logger.warning("%s", " ".join(reasons))
        handed_over = emit(settings, MODEL_WORSE, run, {"reasons": reasons})
        if not handed_over:
            logger.warning(NOBODY_LISTENS)
    _told(settings, found)
    return _kept(settings, run, Outcomes(found, reasons, bool(reasons), handed_over, campaigns))


def _of_day(
    settings: Settings, run: DriftRun, sources: CleanSources, day: ScoredDay
) -> list[Outcome]:
    scored = what_happened(settings, run, day)
    if day.last_day > run.as_of:
        return outcomes(settings.churn, day, scored, "estimated")
    if missing := what_is_missing(settings, run, sources, day):
        return outcomes(settings.churn, day, scored, "not measured", missing)
    return outcomes(settings.churn, day, scored, "realized")


def _recorded(settings: Settings, run: DriftRun, found: list[Outcome]) -> list[Outcome]:
    """Record the outcomes; return all that this run recorded, and that nobody was told of yet."""
    names = [field.name for field in fields(Outcome)]
    with transaction(settings, "measure_outcomes") as connection:
        for outcome in found:
            row = {**asdict(outcome), "run_id": run.run_id}
            execute(connection, "churn/outcomes/record.sql", row)
        rows = execute(connection, "churn/outcomes/of_run.sql", {"run_id": run.run_id}).fetchall()
    return [Outcome(**{name: row[name] for name in names}) for row in rows]


def _told(settings: Settings, found: list[Outcome]) -> None:
    with transaction(settings, "measure_outcomes") as connection:
        for outcome in found:
            execute(connection, "churn/outcomes/told.sql", asdict(outcome))


def measured(settings: Settings, run_id: str) -> Outcomes | None:
    """Return what `measure_outcomes` found in that run, None before it ran."""
    path = _file(settings, run_id)
    return read_json_as(path, Outcomes) if path.exists() else None


def _kept(settings: Settings, run: DriftRun, found: Outcomes) -> Outcomes:
    write_json(_file(settings, run.run_id), asdict(found))
    return found


def _file(settings: Settings, run_id: str) -> Path:
    return churn_run_folder(settings, run_id) / "outcomes.json"


def report_outcomes(settings: Settings, run: DriftRun) -> list[Report]:
    """Tables, newest first: days' scores, measured, estimated, or why neither; campaigns."""
    outcomes = measured(settings, run.run_id)
    if outcomes is None:
        return []
    tables: dict[tuple[str, str], Sequence[Outcome | CampaignOutcome]] = {
        ("churn-outcomes", "Outcomes of scores"): outcomes.found,
        ("churn-campaigns", "Contacted and held out"): outcomes.campaigns,
    }
    return [
        Report("table", key, f"{title} {run}", [_row(found) for found in reversed(of_table)])
        for (key, title), of_table in tables.items()
        if of_table
    ]


def _row(outcome: Outcome | CampaignOutcome) -> dict[str, object]:
    return {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in asdict(outcome).items()
    } | {"as_of": str(outcome.as_of), "last_day": str(outcome.last_day)}
