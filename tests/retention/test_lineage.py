"""What a run of retention tells of itself: that it was, and what it wrote down."""

from datetime import date

from flows.platform.pipeline.plain_run import run_steps
from flows.retention.pipeline import PIPELINE
from flows.retention.run import plan_prune
from flows.settings import Settings
from tests.platform.pipeline.lineage.read_events import complete, dataset, events_of, kinds_of


def test_a_dry_run_is_told_with_the_table_of_what_it_found(settings: Settings) -> None:
    run = plan_prune(settings, date(2025, 3, 10), mode="dry-run")
    run_steps(PIPELINE, settings, run, first="prune_warehouse", last="prune_warehouse")
    events = events_of(settings)
    assert kinds_of(events)[0] == ("retention", "START")
    written = dataset(complete(events, "retention.prune_warehouse"), "outputs", ".dqm.prunings")
    assert "pruned_at" in {field["name"] for field in written["facets"]["schema"]["fields"]}


def test_every_step_says_what_it_works_on() -> None:
    assert all(step.inputs or step.outputs for step in PIPELINE.steps)
