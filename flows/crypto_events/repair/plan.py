"""Find out what a run would do, by doing it and rolling it back."""

from dataclasses import dataclass

from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.publication.merge_to_prod import Publication, compare
from flows.crypto_events.run import WindowRun
from flows.crypto_events.staging.build_events_candidate import BuiltCandidate, stage_window
from flows.crypto_events.validation.delivery import broken_rules
from flows.crypto_events.validation.validate import count_reasons
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings


@dataclass(frozen=True)
class Plan:
    """Where the window's raw rows would go, and what would change in prod, in total and by day.

    `questions` are sentences about the delivery as a whole, of which each stops a run until it is
    accepted.
    """

    built: BuiltCandidate
    publication: Publication
    reasons: dict[str, int]
    days: list[dict[str, object]]
    questions: list[str]


def plan_publication(settings: Settings, run: WindowRun) -> Plan:
    """Stage the window and compare it with prod, then roll everything back.

    Raises PipelineBusy while a run is in progress: both need exclusive use of the staged window.
    """
    with (
        pipeline_lock(settings, PIPELINE.name, run),
        transaction(settings, "plan") as connection,
    ):
        built = stage_window(connection, settings, run)
        publication = compare(connection, settings, run, built.candidate_rows)
        plan = Plan(
            built,
            publication,
            count_reasons(connection),
            execute(connection, "crypto_events/repair/count_operations_by_day.sql").fetchall(),
            [
                f"{sentence} ({rule.id})"
                for rule, sentence in broken_rules(connection, settings.crypto, run)
                if rule.severity == "error"
            ],
        )
        connection.rollback()
    return plan
