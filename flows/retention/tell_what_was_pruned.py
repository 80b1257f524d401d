"""Tell people what was removed, or would have been, and where."""

from dataclasses import dataclass

from flows.errors import count_of
from flows.platform.pipeline.notifications import notify
from flows.platform.pipeline.report import Report
from flows.retention.ledger import of_run
from flows.retention.run import PruneRun
from flows.settings import Settings

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Told:
    """What went, or would go, in all places together."""

    rows: int
    files: int
    bytes: int


def tell_what_was_pruned(settings: Settings, run: PruneRun) -> Told:
    """Sum up the run's lines of dqm.prunings and notify people."""
    lines = of_run(settings, run.run_id)
    told = Told(*(sum(line[name] for line in lines) for name in ("rows", "files", "bytes")))
    what = (
        f"{count_of(told.rows, 'row')} and {count_of(told.files, 'file')}, "
        f"{told.bytes / _MEGABYTE:,.1f} MB"
    )
    if run.removes:
        notify(settings, f"retention {run}: removed {what}.")
    else:
        notify(
            settings,
            f"retention {run}: {what} are older than the settings keep; nothing was removed. "
            "KPI_RETENTION__MODE=prune, or kpi prune, removes them.",
        )
    return told


def report_pruning(settings: Settings, run: PruneRun) -> list[Report]:
    """Table: what was removed by place, or would have been."""
    lines = of_run(settings, run.run_id)
    rows = [{name: line[name] for name in line if name != "mode"} for line in lines]
    rows = [{**row, "kept_from": str(row["kept_from"])} for row in rows]
    verb = "removed" if run.removes else "to be removed (dry run)"
    return [Report("table", "retention", f"What was {verb}, {run.as_of}", rows)]
