"""Old files go, the newest and the kept stay, in the home folder and in the object store."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

from flows.churn.folders import drift_history, drift_report
from flows.platform.storage.layout import (
    embedded_server_folder,
    great_expectations_folder,
    lineage_folder,
    run_log,
    run_results,
)
from flows.platform.storage.object_store import put
from flows.retention.ledger import of_run
from flows.retention.prune_files import prune_files
from flows.retention.run import PruneRun
from flows.settings import Settings
from tests.s3_endpoint import s3_endpoint

LAST = date(2026, 6, 30)
DAYS = 400


def aged(path: Path, days: int) -> Path:
    """A small file that was written so many days before the last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("small", encoding="utf-8")
    moment = datetime(LAST.year, LAST.month, LAST.day, 12) - timedelta(days=days)
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


def pass_days(settings: Settings) -> None:
    """Leave what a day, and a week, leave in the home folder."""
    validations = great_expectations_folder(settings) / "validations"
    for age in range(DAYS):
        day = LAST - timedelta(days=age)
        aged(run_results(settings) / f"result-{age}", age)
        aged(run_log(settings, "crypto-events", f"run-{age}"), age)
        aged(validations / "suite" / f"run-{age}" / "a.json", age)
        if age % 7 == 0:
            aged(drift_report(settings, day), age)
            aged(drift_history(settings) / "730" / f"{day}.parquet", age)


def left(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_folders_stop_growing_and_a_dry_run_counts_the_same(settings: Settings) -> None:
    pass_days(settings)
    aged(lineage_folder(settings) / "2023-03.jsonl", 1200)
    aged(lineage_folder(settings) / "2026-06.jsonl", 1)
    everything = left(settings.home)
    dry, wet = PruneRun(as_of=LAST, mode="dry-run"), PruneRun(as_of=LAST, mode="prune")

    would = prune_files(settings, dry)
    assert left(settings.home) == everything
    did = prune_files(settings, wet)

    assert would == did
    assert everything - left(settings.home) == did.files
    assert left(run_results(settings)) == 91
    validations = great_expectations_folder(settings) / "validations"
    assert left(validations) == 181
    assert len(list((validations / "suite").iterdir())) == 181, "no empty folder is left"
    assert drift_report(settings, LAST - timedelta(days=175)).exists()
    assert not drift_report(settings, LAST - timedelta(days=182)).exists()
    assert left(drift_history(settings)) == 58, "all are within 730 days"
    assert [file.name for file in lineage_folder(settings).iterdir()] == ["2026-06.jsonl"]
    assert prune_files(settings, PruneRun(as_of=LAST, mode="prune")).files == 0
    places = {line["place"]: line["files"] for line in of_run(settings, wet.run_id)}
    assert places["kpi-runs/results"] == places["kpi-runs/logs"] == DAYS - 91


def test_the_newest_stay_however_old_they_are(settings: Settings) -> None:
    pass_days(settings)
    years_later = PruneRun(as_of=LAST + timedelta(days=5000), mode="prune")

    prune_files(settings, years_later)

    assert left(great_expectations_folder(settings)) == settings.data_docs_results
    assert drift_report(settings, LAST).exists()
    snapshots = settings.churn.drift_snapshots + settings.churn.drift_weeks
    assert left(drift_history(settings)) == snapshots, "what the next week is compared with"


def test_the_log_of_the_embedded_server_loses_its_oldest_lines(settings: Settings) -> None:
    old = b"2026-03-31 10:00:00 UTC [7] ERROR:  duplicate key\n\tKey (user_id)=(1)\n"
    kept = b"2026-04-02 10:00:00 UTC [7] LOG:  starting\n\tnext line\n"
    later = b"2026-06-30 10:00:00 UTC [7] LOG:  checkpoint\n"
    log = embedded_server_folder(settings) / "postgres.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(old + kept)
    dry, wet = PruneRun(as_of=LAST, mode="dry-run"), PruneRun(as_of=LAST, mode="prune")

    with log.open("ab", buffering=0) as server:  # as pg_ctl opens it
        assert prune_files(settings, dry).bytes == len(old)
        assert log.read_bytes() == old + kept
        assert prune_files(settings, wet).bytes == len(old)
        server.write(later)

    assert log.read_bytes() == kept + later
    assert of_run(settings, wet.run_id)[-1]["place"] == "postgres/postgres.log"


def test_objects_go_with_the_files(settings: Settings, tmp_path: Path) -> None:
    with s3_endpoint("kpi-runs", "ge-artifacts", "mlflow-artifacts") as s3:
        stored = settings.model_copy(update={"storage": "s3", "s3": s3})
        path = aged(run_results(stored) / "result-1", 0)
        put(stored, path)
        path.unlink()
        today = date.today()

        kept = prune_files(stored, PruneRun(as_of=today, mode="prune"))
        later = PruneRun(as_of=today + timedelta(days=100), mode="prune")
        gone = prune_files(stored, later)

    assert (kept.files, gone.files) == (0, 1)
