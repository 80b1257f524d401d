"""Features as of the cutoff, what happened after it, and the week's snapshot."""

import logging
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from flows.churn.campaigns.contacted import Campaigns, write_campaigns
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.engines import Engine, feature_engine
from flows.churn.features.label_window import label_window, nothing_to_learn
from flows.churn.features.lookback import lookback, require_payments
from flows.churn.features.queries import Sources, labelled_query, snapshot_query
from flows.churn.features.silent_days import silence_in_labels, warn_of_silent_days
from flows.churn.features.snapshots.history import remember_snapshot
from flows.churn.folders import churn_run_folder, read_result
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import CleanSources, clean_folder, cleaned_sources
from flows.churn.sources.contract import SOURCE_FILES
from flows.churn.sources.joins import Joins
from flows.errors import BadInput, count_of
from flows.platform.compute.duckdb import duckdb_connection, fetch_row, parquet_rows
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings

logger = logging.getLogger(__name__)

_ABOUT_USERS = tuple(file.name for file in SOURCE_FILES if file.describes_users)


@dataclass(frozen=True)
class FeatureTable:
    """The run's users: how many, how many of them churned, and which features have no values.

    `lookback_days` is how many days of payments the features read; `joins`, how many users the
    source files have in common; `churned_share`, of the users for whom these speak; `contacted`,
    how many users are left out because a campaign contacted them; `held_out`, how many speak for
    these, and `unspoken`, for how many of these nobody does; `earlier_cutoffs`, the days of the
    snapshots that teach as well.
    """

    cutoff: date
    lookback_days: int
    users: int
    churned: int
    empty_features: list[str]
    dataset_sha256: str
    sources_sha256: dict[str, str]
    joins: Joins = field(default_factory=Joins)
    churned_share: float | None = None
    contacted: int = 0
    held_out: int = 0
    unspoken: int = 0
    earlier_cutoffs: list[date] = field(default_factory=list)


def feature_engineering(settings: Settings, run: ChurnRun) -> FeatureTable:
    """Write the labelled features as of the cutoff, and those of one label window earlier.

    Into the run's folder: `features/` and `earlier_features/` (Parquet, a row per user, ordered
    by user). The earlier ones use payments only, because the other files describe a later day.
    With `training_snapshots`, each earlier one whose labels are complete becomes a folder too.
    Users whom a campaign contacted in the label window, or so shortly before it that the contact
    still counts there, are left out: what they did teaches what contacts do, not who churns without
    one. Those who were held out weigh more, for both.
    The features of everybody as of the cutoff are also added to the drift history. Raises BadInput
    when PAYMENTS ends before the label window does, or when all or none of the users churned.
    """
    sources = cleaned_sources(settings, run)
    _check_label_window(settings, run, sources)
    warn_of_silent_days(settings, run)
    lookback_days = lookback(settings, run, sources)
    cutoffs, before = _earlier_cutoffs(settings, run), run.cutoff - timedelta(run.label_days)
    campaigns = {
        cutoff: _write_campaigns(settings, run, cutoff)
        for cutoff in dict.fromkeys((run.cutoff, before, *cutoffs))
    }
    with feature_engine(settings) as engine:
        now = _sources(settings, run, sources, lookback_days, engine)
        engine.write(_labelled(settings, run, now, run.cutoff), features(settings, run))
        payments_alone = replace(now, left_out=_ABOUT_USERS)
        engine.write(
            _labelled(settings, run, payments_alone, before), earlier_features(settings, run)
        )
        for cutoff in cutoffs:
            query = _labelled(settings, run, _known_by(now, cutoff), cutoff)
            engine.write(query, snapshot_of(settings, run, cutoff))
        everybody = _everybody(settings, run, now, engine)
    table = _describe(settings, run, sources, cutoffs, campaigns)
    write_json(churn_run_folder(settings, run.run_id) / "features.json", asdict(table))
    remember_snapshot(settings, run.cutoff, everybody, lookback_days)
    return table


def features(settings: Settings, run: ChurnRun) -> Path:
    """Folder of the run's labelled features as of the cutoff."""
    return churn_run_folder(settings, run.run_id) / "features"


def earlier_features(settings: Settings, run: ChurnRun) -> Path:
    """Folder of the run's labelled features of one label window earlier."""
    return churn_run_folder(settings, run.run_id) / "earlier_features"


def snapshot_of(settings: Settings, run: ChurnRun, cutoff: date) -> Path:
    """Folder of the labelled features as of an earlier cutoff, which teach beside today's."""
    return churn_run_folder(settings, run.run_id) / f"features_as_of_{cutoff}"


def features_of_lookback(settings: Settings, run: ChurnRun, lookback_days: int) -> Path:
    """Return the folder of the same features by another number of days of payments.

    They are made once a run, into `features_<days>_days/`. Raises BadInput before
    `feature_engineering` ran, or when PAYMENTS starts too late for them.
    """
    if lookback_days == feature_table(settings, run).lookback_days:
        return features(settings, run)
    folder = churn_run_folder(settings, run.run_id) / f"features_{lookback_days}_days"
    if not folder.exists():
        sources = cleaned_sources(settings, run)
        require_payments(run, lookback_days, sources)
        with feature_engine(settings) as engine:
            now = _sources(settings, run, sources, lookback_days, engine)
            engine.write(_labelled(settings, run, now, run.cutoff), folder)
    return folder


def feature_table(settings: Settings, run: ChurnRun) -> FeatureTable:
    """Return what `feature_engineering` made for this run; raise BadInput before it ran."""
    path = churn_run_folder(settings, run.run_id) / "features.json"
    return read_result(path, FeatureTable, run, "features", "feature_engineering")


def _sources(
    settings: Settings, run: ChurnRun, sources: CleanSources, lookback_days: int, engine: Engine
) -> Sources:
    return Sources(
        clean_folder(settings, run),
        sources.true_as_of,
        tuple(sources.left_out),
        lookback_days,
        engine.rows_of,
    )


def _earlier_cutoffs(settings: Settings, run: ChurnRun) -> list[date]:
    """Return the days of the earlier snapshots that teach: those whose labels are complete."""
    cutoffs = []
    for number in range(1, settings.churn.training_snapshots):
        cutoff = run.cutoff - timedelta(days=number * run.label_days)
        if silence := silence_in_labels(settings, run, cutoff):
            logger.warning("The snapshot of %s does not teach: %s.", cutoff, silence)
        else:
            cutoffs.append(cutoff)
    return cutoffs


def _known_by(sources: Sources, cutoff: date) -> Sources:
    """Return the sources without the files about users that describe a later day."""
    newer = [name for name, day in sources.true_as_of.items() if day > cutoff]
    return replace(sources, left_out=tuple(dict.fromkeys([*sources.left_out, *newer])))


def _check_label_window(settings: Settings, run: ChurnRun, sources: CleanSources) -> None:
    last = sources.last_payment_on
    if last < run.as_of - timedelta(days=settings.churn.max_silent_days):
        raise BadInput(
            f"{sources.payment_days}, ends on {last}, but the label window ends on "
            f"{run.as_of}: users would count as churned for want of data. Run as of {last}, or "
            "deliver the missing days."
        )


def _everybody(settings: Settings, run: ChurnRun, now: Sources, engine: Engine) -> Path:
    """Return the folder of the cutoff's features of all users, as a weekly snapshot has them.

    They are written apart only where the labelled features leave somebody out.
    """
    if settings.churn.never_paid != "leave_out" and not _campaigns(settings, run, run.cutoff):
        return features(settings, run)
    folder = churn_run_folder(settings, run.run_id) / "features_of_everybody"
    engine.write(snapshot_query(now, run.cutoff), folder)
    return folder


def _campaigns_file(settings: Settings, run: ChurnRun, cutoff: date) -> Path:
    return churn_run_folder(settings, run.run_id) / f"campaigns_of_{cutoff}.parquet"


def _campaigns(settings: Settings, run: ChurnRun, cutoff: date) -> Path | None:
    file = _campaigns_file(settings, run, cutoff)
    return file if file.exists() else None


def _write_campaigns(settings: Settings, run: ChurnRun, cutoff: date) -> Campaigns:
    return write_campaigns(settings, _campaigns_file(settings, run, cutoff), cutoff, run.label_days)


def _labelled(settings: Settings, run: ChurnRun, sources: Sources, cutoff: date) -> str:
    return labelled_query(
        settings.churn, sources, cutoff, run.label_days, _campaigns(settings, run, cutoff)
    )


def _describe(
    settings: Settings,
    run: ChurnRun,
    sources: CleanSources,
    earlier_cutoffs: list[date],
    campaigns: dict[date, Campaigns],
) -> FeatureTable:
    with duckdb_connection(settings) as connection:
        users, churned, churned_share, *known = fetch_row(
            connection,
            "churn/features/describe_features.sql",
            known=", ".join(f"count({name})" for name in FEATURE_NAMES),
            rows=parquet_rows(features(settings, run)),
        )
    if churned in (None, 0, users):
        window = label_window(settings, run, features(settings, run))
        never_paid = settings.churn.never_paid == "leave_out"
        raise BadInput(nothing_to_learn(window, left_out=never_paid))
    empty = [name for name, count in zip(FEATURE_NAMES, known, strict=True) if not count]
    if empty:
        logger.warning("Nothing is known about %s: left out of the model.", ", ".join(empty))
    logger.info("%s as of %s, of whom %d churned.", count_of(users, "user"), run.cutoff, churned)
    of_run = campaigns[run.cutoff]
    if of_run.contacted:
        logger.log(logging.WARNING if of_run.unspoken else logging.INFO, "%s", of_run)
    return FeatureTable(
        cutoff=run.cutoff,
        lookback_days=lookback(settings, run, sources),
        users=users,
        churned=churned,
        churned_share=churned_share,
        empty_features=empty,
        dataset_sha256=_dataset_hash(settings, run, sources, earlier_cutoffs, campaigns),
        sources_sha256=sources.sha256,
        joins=sources.joins,
        contacted=len(of_run.contacted),
        held_out=len(of_run.weights),
        unspoken=of_run.unspoken,
        earlier_cutoffs=earlier_cutoffs,
    )


def _dataset_hash(
    settings: Settings,
    run: ChurnRun,
    sources: CleanSources,
    earlier_cutoffs: list[date],
    campaigns: dict[date, Campaigns],
) -> str:
    """Return a hash of what determines the features.

    The files, what says how producers write them, the queries, and whom campaigns contacted and
    held out.
    """
    named = Sources(
        Path(),
        sources.true_as_of,
        tuple(sources.left_out),
        lookback(settings, run, sources),
        lambda path: path.name,
    )
    snapshots = {run.cutoff: named, **{day: _known_by(named, day) for day in earlier_cutoffs}}
    queries = [_labelled(settings, run, known, cutoff) for cutoff, known in snapshots.items()]
    users = [",".join(map(str, campaigns[cutoff].named)) for cutoff in snapshots]
    files = [*sources.sha256.values(), *sources.producers.values()]
    return sha256("".join([*queries, *files, *users]).encode()).hexdigest()
