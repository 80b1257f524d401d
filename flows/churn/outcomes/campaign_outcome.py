"""What campaigns changed: measured once the days after their scores are over."""

import logging
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from flows.churn.campaigns.uplift import difference
from flows.churn.outcomes.scored_days import ScoredDay, paid_in_window, what_is_missing
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import CleanSources
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CampaignOutcome:
    """A row of dqm.bt_churn_campaign_outcomes, whose columns say what each field means."""

    as_of: date
    model_version: str
    last_day: date
    contacted: int
    contacted_churned: int
    control: int
    control_churned: int
    difference: float | None
    difference_low: float | None
    difference_high: float | None

    def __str__(self) -> str:
        what = (
            f"Campaign on the scores of {self.as_of} by version {self.model_version}: "
            f"{self.contacted_churned:,} of {self.contacted:,} contacted users churned, "
            f"{self.control_churned:,} of {self.control:,} held out"
        )
        if self.difference is None:
            return f"{what}; without both groups nobody knows what it changed."
        return (
            f"{what}: a difference of {self.difference:+.1%} "
            f"[{self.difference_low:+.1%}, {self.difference_high:+.1%}]."
        )


def measure_campaigns(
    settings: Settings, run: ChurnRun, sources: CleanSources
) -> list[CampaignOutcome]:
    """Record and return what campaigns changed whose days are over; again where users were added.

    Days that PAYMENTS does not hold as a whole are left for a later run, and told.
    """
    window = timedelta(days=settings.churn.label_days)
    with transaction(settings, "measure_outcomes") as connection:
        rows = execute(
            connection,
            "churn/campaigns/days.sql",
            {"since": sources.first_payment_on, "up_to": run.as_of - window},
        ).fetchall()
    for row in rows:
        day = ScoredDay(row["as_of"], row["model_version"], row["as_of"] + window)
        if missing := what_is_missing(settings, run, sources, day):
            logger.warning("Campaign on the scores of %s: not measured. %s", day.as_of, missing)
        else:
            _record(settings, run, _outcome(settings, run, day))
    return _of_run(settings, run)


def _outcome(settings: Settings, run: ChurnRun, day: ScoredDay) -> CampaignOutcome:
    with transaction(settings, "measure_outcomes") as connection:
        query = "churn/campaigns/users_of_day.sql"
        users = execute(connection, query, {"as_of": day.as_of}).fetchall()
    paid = paid_in_window(settings, run, day)
    groups = {
        contacted: [row["user_id"] not in paid for row in users if row["contacted"] is contacted]
        for contacted in (True, False)
    }
    contacted, control = groups[True], groups[False]
    found = difference(len(contacted), sum(contacted), len(control), sum(control))
    return CampaignOutcome(
        day.as_of,
        day.version,
        day.last_day,
        contacted=len(contacted),
        contacted_churned=sum(contacted),
        control=len(control),
        control_churned=sum(control),
        difference=found.mean if found else None,
        difference_low=found.low if found else None,
        difference_high=found.high if found else None,
    )


def _record(settings: Settings, run: ChurnRun, outcome: CampaignOutcome) -> None:
    row: dict[str, Any] = {**asdict(outcome), "run_id": run.run_id}
    with transaction(settings, "measure_outcomes") as connection:
        execute(connection, "churn/campaigns/record.sql", row)


def _of_run(settings: Settings, run: ChurnRun) -> list[CampaignOutcome]:
    """All that this run recorded, also before it was cut short."""
    names = [field.name for field in fields(CampaignOutcome)]
    with transaction(settings, "measure_outcomes") as connection:
        rows = execute(connection, "churn/campaigns/of_run.sql", {"run_id": run.run_id}).fetchall()
    return [CampaignOutcome(**{name: row[name] for name in names}) for row in rows]
