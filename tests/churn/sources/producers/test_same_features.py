"""A file as its producer writes it gives the same bytes as the same data in the contract's form."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.churn.features.feature_engineering import features
from flows.churn.sample_data.writer import write_sample_data
from flows.churn.sources.clean_raw_sources import clean_folder, cleaned_sources
from flows.churn.sources.deliveries.delivery import content_hashes
from flows.settings import Settings
from tests.churn.churn_files import ROWS, deliver
from tests.churn.features.churn_features import make_features
from tests.churn.sources.producers.foreign_files import write_foreign

MakeSettings = Callable[..., Settings]
DAYS = dict.fromkeys(list(ROWS)[1:], "2026-05-31")
# What the signs, the words and the days of the foreign forms are for.
RICH = {
    "PAYMENTS": (*ROWS["PAYMENTS"], "2026-03-04,1234567,2,1234567.5,Instore,1000"),
    "ACTIVE_USER": (*ROWS["ACTIVE_USER"], "4,1,2,3,2026-03-04"),
    "DEMOGRAFICOS": (*ROWS["DEMOGRAFICOS"], '4,50,M,Debit,"Ca|ada, d\'Or"'),
    "DINERO_CUENTA": (*ROWS["DINERO_CUENTA"], "4,-1234567.125,1234.5,Warmup", "5,1.5,,"),
    "MARKETPLACE_DATA": (*ROWS["MARKETPLACE_DATA"], "4,1234567.25,2026-03-04,12"),
}


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.parquet")}


def made_from(settings: Settings, source: Path, run_id: str) -> tuple[Any, ...]:
    """The features and the checked files as bytes, and what was found in the files."""
    run, _ = make_features(settings, source, run_id=run_id)
    return (
        files_in(features(settings, run)),
        files_in(clean_folder(settings, run)),
        cleaned_sources(settings, run),
    )


@pytest.mark.parametrize("foreign", [*([name] for name in ROWS), list(ROWS)], ids="+".join)
def test_a_mapped_delivery_gives_the_same_features(
    make_churn_settings: MakeSettings, tmp_path: Path, foreign: list[str]
) -> None:
    plain = deliver(tmp_path / "plain", true_as_of=DAYS, **RICH)
    mixed = deliver(tmp_path / "mixed", true_as_of=DAYS, **RICH)
    producers = {name: str(write_foreign(mixed, name, RICH[name])) for name in foreign}

    by_contract = made_from(make_churn_settings(), plain, "plain")
    mapped = made_from(make_churn_settings(producers=producers), mixed, "mapped")

    assert mapped[0] == by_contract[0]
    assert mapped[1] == by_contract[1]
    assert mapped[2].rows == by_contract[2].rows
    # Of what arrived.
    assert mapped[2].sha256 == content_hashes(mixed)
    assert list(mapped[2].producers) == foreign


def test_so_it_is_for_many_users(make_churn_settings: MakeSettings, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    write_sample_data(plain, users=3000, seed=1)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "delivery.json").write_bytes((plain / "delivery.json").read_bytes())
    producers = {}
    for name in ROWS:
        _, *rows = (plain / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        producers[name] = str(write_foreign(foreign, name, rows))

    by_contract = made_from(make_churn_settings(), plain, "plain")
    mapped = made_from(make_churn_settings(producers=producers), foreign, "mapped")

    assert mapped[:2] == by_contract[:2]
    payments = by_contract[2].rows["PAYMENTS"]
    assert mapped[2].other_rows == {"PAYMENTS": (payments + 2) // 3}


def test_what_was_found_names_the_files_own_columns(
    make_churn_settings: MakeSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mixed = deliver(tmp_path / "mixed", true_as_of=DAYS)
    producers = {name: str(write_foreign(mixed, name, ROWS[name])) for name in ROWS}
    _, _, found = made_from(make_churn_settings(producers=producers), mixed, "mapped")

    assert found.own_columns["PAYMENTS"]["paid_on"] == "FECHA DE PAGO"
    assert found.extra_columns == {"PAYMENTS": ["Canal"], "DINERO_CUENTA": ["note"]}
    assert found.nothing == {}
    assert found.payment_days == "PAYMENTS.csv, column FECHA DE PAGO"
    assert "PAYMENTS.csv has columns that nothing reads: Canal." in caplog.text


def test_a_producers_file_that_says_something_else_is_another_dataset(
    make_churn_settings: MakeSettings, tmp_path: Path
) -> None:
    mixed = deliver(tmp_path, true_as_of=DAYS)
    producer = write_foreign(mixed, "PAYMENTS", ROWS["PAYMENTS"])
    settings = make_churn_settings(producers={"PAYMENTS": str(producer)})
    _, first = make_features(settings, mixed, run_id="first")
    text = producer.read_text(encoding="utf-8")
    producer.write_text(text.replace("Servicios: Utilities", "Servicios: Water"), encoding="utf-8")
    _, second = make_features(settings, mixed, run_id="second")
    assert first.dataset_sha256 != second.dataset_sha256
