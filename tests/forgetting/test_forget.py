"""A person is forgotten: found nowhere by content, after a restore and a delivery either."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.churn.planning import plan_snapshot
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.pipeline import PIPELINE
from flows.errors import BadInput, KpiError, PipelineBusy
from flows.forgetting.forget import forget, forget_again, lift, look_for
from flows.platform.forgetting.key import key_file
from flows.platform.forgetting.ledger import ledger_file, lines_in_table
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.forgetting.kept import DUMP, holds, in_dump, tables, where
from tests.forgetting.traces import (
    COPIES,
    LOGS,
    USER,
    Traces,
    deliver_shop,
    run_with_bad_rows,
)
from tests.s3_endpoint import client_of, content, s3_endpoint

EVERYWHERE = {
    "raw.bt_crypto_transaction_history",
    "raw.bt_crypto_transaction_history_replaced",
    "raw.bt_crypto_judged",
    "raw.bt_crypto_touched",
    "staging.bt_crypto_events_window",
    "prod.bt_crypto_events_2025_03",
    "prod.bt_churn_scores_2026_06",
    "prod.bt_churn_campaigns",
    "dqm.bt_crypto_events_rejects",
    "dqm.bt_crypto_events_dismissals",
    "dqm.bt_crypto_events_of_other_keys",
    "dqm.bt_churn_promotions",
}
FILES = {"clean/PAYMENTS.parquet", "clean/ACTIVE_USER.parquet", "snapshot/part-00000.parquet"}

OF_PREFECT = {"artifacts/kpi-runs/results/ae6e613f", "prefect/prefect.db"}


def found_in(traces: Traces, db: Connection) -> set[str]:
    assert traces.settings.database_url
    url = traces.settings.database_url.get_secret_value()
    return where(traces.settings.home, db, USER) | in_dump(url, USER)


def forget_user(settings: Settings) -> dict[str, str]:
    done = forget(settings, str(USER), why="asked for it", by="Ana")
    assert done.not_done == []
    return {trace.place: trace.done for trace in done.traces if trace.done != "left"}


def test_a_user_is_found_nowhere_afterwards(traces: Traces, db: Connection) -> None:
    before = found_in(traces, db)
    assert before > {*EVERYWHERE, DUMP}
    assert {f"churn/runs/scoring/{name}" for name in (*FILES, "approval.json")} <= before
    assert any(place.startswith("churn/drift_history/") for place in before)
    assert any(place.startswith("artifacts/ge-artifacts/validations/") for place in before)
    assert any(place.startswith("artifacts/ge-artifacts/data_docs/") for place in before)
    assert any(place.startswith("artifacts/kpi-runs/logs/") for place in before)

    assert before >= {*OF_PREFECT, *LOGS, *COPIES}

    lineage = list((traces.settings.home / "lineage").glob("*.jsonl"))
    assert lineage, "it is searched like all the rest, and holds nobody"

    promised = look_for(traces.settings, str(USER))
    assert found_in(traces, db) == before
    assert not key_file(traces.settings).exists()
    done = forget(traces.settings, str(USER), why="asked for it", by="Ana")

    assert found_in(traces, db) == set()
    assert done == promised
    (line,) = lines_in_table(db)
    assert line.finished_at is not None
    assert line.places["prod.bt_churn_scores"] == 1
    assert {trace.done for trace in done.traces} == {"deleted", "made nameless"}

    # What is of others stays.
    rows = db.execute(
        "SELECT user_id, purchase_date::text AS day FROM prod.bt_crypto_events ORDER BY day"
    )
    assert [(row["user_id"], row["day"]) for row in rows] == [
        (100012, "2025-03-08"),
        (100012, "2025-03-08"),
        (100012, "2025-03-09"),
        (100012, "2025-03-10"),
    ]
    shop = db.execute(
        "SELECT delivered->>'told_by' AS told_by, delivered->>'receipt' AS receipt, user_id"
        " FROM raw.bt_crypto_transaction_history WHERE delivered IS NOT NULL ORDER BY raw_id"
    ).fetchall()
    # Whoever bought has told nobody of her any more.
    assert [tuple(row.values()) for row in shop] == [("", "a-2", "100012"), ("", "a-3", "100012")]
    scored = db.execute("SELECT user_id FROM prod.bt_churn_scores").fetchall()
    assert [row["user_id"] for row in scored] == [1]


def test_in_buckets_as_well(delivered: Traces, db: Connection) -> None:
    buckets = ("ge-artifacts", "kpi-runs", "airflow-logs")
    with s3_endpoint(*buckets) as s3:
        there = {"storage": "s3", "s3": s3, "forget_key": SecretStr("k" * 32)}
        settings = delivered.settings.model_copy(update=there)
        run_with_bad_rows(settings)

        bug = {"Bucket": "airflow-logs", "Key": "dag_id=crypto/attempt=1.log"}
        # As Airflow writes its tasks' logs.
        event = json.dumps({"event": f'Failing row\nCOPY, line 3: "BRASIL\t{USER}\tBTC"'})
        client_of(s3).put_object(**bug, Body=event.encode())
        failed = json.dumps({"data": json.dumps({"message": f"Key (user_id)=({USER})"})})
        client_of(s3).put_object(Bucket="kpi-runs", Key="results/0a1b", Body=failed.encode())

        def held() -> set[str]:
            stored = {key: each for name in buckets for key, each in content(s3, name).items()}
            return {key.split("/")[0] for key, each in stored.items() if holds(each, USER)}

        assert held() == {"validations", "data_docs", "logs", "results", "dag_id=crypto"}

        forget_user(settings)

        assert held() == set()
        assert found_in(delivered, db) == set()
        assert not key_file(settings).exists()
        assert "forgotten/ledger.json" in content(s3, "kpi-runs")


def test_once_more_finds_nothing_and_writes_no_line(delivered: Traces, db: Connection) -> None:
    forget_user(delivered.settings)
    (before,) = lines_in_table(db)

    assert forget_user(delivered.settings) == {}
    (after,) = lines_in_table(db)
    assert (after.line_id, after.places) == (before.line_id, before.places)


def test_what_could_not_be_done_is_told_and_done_by_the_next(
    delivered: Traces, db: Connection
) -> None:
    broken = delivered.settings.home / "churn" / "broken.parquet"
    broken.write_bytes(b"PAR1")

    first = forget(delivered.settings, str(USER), why="asked for it", by="Ana")

    (sentence,) = first.not_done
    assert "broken.parquet cannot be searched" in sentence
    # The other places are done all the same.
    assert set(tables(db, USER)) == set()
    (line,) = lines_in_table(db)
    assert line.finished_at is None

    broken.unlink()
    forget_user(delivered.settings)
    assert found_in(delivered, db) == set()
    (line,) = lines_in_table(db)
    assert line.finished_at is not None


def test_after_a_restore_the_ledger_is_applied_again(
    traces: Traces, db: Connection, tmp_path: Path
) -> None:
    settings = traces.settings
    before = found_in(traces, db)
    shutil.copytree(settings.home, tmp_path / "backup")
    rows = _rows(db)
    forget_user(settings)

    # As from a backup that knows of no forgetting: all tables, and all files but the ledger's.
    _restore(db, rows)
    shutil.copytree(tmp_path / "backup", settings.home, dirs_exist_ok=True)
    assert found_in(traces, db) >= before - {"staging.bt_crypto_events_window"}
    assert lines_in_table(db) == []

    done = forget_again(settings)

    assert done.not_done == []
    assert found_in(traces, db) == set()
    (line,) = lines_in_table(db)
    assert line.finished_at is not None


def test_an_old_delivery_brings_nothing_back(delivered: Traces, db: Connection) -> None:
    settings = delivered.settings
    forget_user(settings)

    crypto = ingest(settings, delivered.crypto, "append")
    run = plan_snapshot(settings, source=delivered.churn, run_id="again")
    churn = clean_raw_sources(settings, run)
    shop = deliver_shop(settings, delivered.shop)

    assert (crypto.rows_read, crypto.rows_stored, crypto.rows_forgotten) == (8, 2, 6)
    assert (shop.rows_read, shop.rows_stored, shop.rows_forgotten) == (3, 2, 1)
    assert churn.forgotten_rows == dict.fromkeys(churn.rows, 1)
    assert churn.rows["PAYMENTS"] == 5
    assert found_in(delivered, db) == set()


def test_a_lifted_user_is_stored_again(delivered: Traces, db: Connection) -> None:
    settings = delivered.settings
    forget_user(settings)

    lift(settings, str(USER), why="came back", by="Ana")

    assert ingest(settings, delivered.crypto, "append").rows_forgotten == 0
    assert [line.action for line in lines_in_table(db)] == ["forgotten", "lifted"]
    assert forget_again(settings).traces == []
    with pytest.raises(BadInput, match="not among the forgotten"):
        lift(settings, str(USER), why="came back", by="Ana")
    forget_user(settings)
    assert found_in(delivered, db) == set()


def test_no_run_is_under_way_meanwhile(settings: Settings, db: Connection) -> None:
    with (
        pipeline_lock(settings, PIPELINE.name, Run(as_of=date(2026, 1, 1), run_id="the-first")),
        pytest.raises(PipelineBusy, match="the-first"),
    ):
        forget(settings, "1", why="asked for it", by="Ana")
    assert lines_in_table(db) == []


def test_it_waits_for_a_delivery_that_read_the_ledger_before(
    settings: Settings, db: Connection
) -> None:
    hasty = settings.model_copy(update={"lock_timeout_seconds": 1})
    with db.transaction():
        db.execute("SELECT FROM dqm.bt_forgotten")
        with pytest.raises(PipelineBusy, match="A delivery was still being stored"):
            forget(hasty, "1", why="asked for it", by="Ana")
    assert lines_in_table(db) == []


@pytest.mark.parametrize("user", ["", "somebody", "1.5", "1 or 2", "user 1"])
def test_a_user_is_a_whole_number(settings: Settings, user: str) -> None:
    with pytest.raises(BadInput, match="A user is a whole number"):
        look_for(settings, user)


def test_the_id_is_in_no_reason(settings: Settings, db: Connection) -> None:
    with pytest.raises(BadInput, match="may not hold the user's id"):
        forget(settings, "12", why="user 12 asked", by="Ana")
    assert lines_in_table(db) == []
    assert not ledger_file(settings).exists()


def test_without_the_key_a_delivery_is_refused(delivered: Traces, db: Connection) -> None:
    forget_user(delivered.settings)
    key_file(delivered.settings).unlink()

    with pytest.raises(KpiError, match="set KPI_FORGET_KEY"):
        ingest(delivered.settings, delivered.crypto, "append")
    assert found_in(delivered, db) == set()


def _rows(db: Connection) -> dict[str, list[str]]:
    return {
        table: [
            row["row"] for row in db.execute(f"SELECT t::text AS row FROM {table} AS t".encode())
        ]
        for table in (*sorted(EVERYWHERE), "dqm.bt_crypto_events_superseded")
    }


def _restore(db: Connection, rows: dict[str, list[str]]) -> None:
    db.execute("TRUNCATE dqm.bt_forgotten")
    for table, texts in rows.items():
        db.execute(f"TRUNCATE {table}".encode())
        for text in texts:
            db.execute(
                f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT (%s::{table}).*".encode(),
                [text],
            )
