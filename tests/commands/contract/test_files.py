"""`kpi contract lint`, `show` and `diff`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.churn.sources.contract import source_file
from flows.contracts.read import read_contract
from tests.churn.churn_files import ROWS
from tests.churn.sources.producers.foreign_files import write_foreign
from tests.contracts.changed import CHURN, CRYPTO, changed
from tests.contracts.keys import contract_with

Kpi = Callable[..., Any]

BEFORE_FIRST_RULE = "- id: site_id_missing"


def rule_before_first(implementation: str) -> str:
    """Return a rule x with the implementation, and what was the first one after it."""
    entry = f"{{id: x, type: custom, engine: kpi, implementation: {{{implementation}}}}}"
    return f"- {entry}\n          {BEFORE_FIRST_RULE}"


def test_ours_are_right(kpi: Kpi) -> None:
    assert kpi("contract", "lint").out == (
        "contracts/bt_crypto_events.odcs.yaml: right\ncontracts/churn.odcs.yaml: right\n"
        "contracts/producers/kraken.yaml: right\n"
    )


def test_what_is_no_contract_is_one_sentence(kpi: Kpi, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("a: 1\nkind: Contract\n", "utf-8")
    said = f"kpi: {path}, line 2: this is no contract of ODCS 3.1 (kind: DataContract, apiVersion: "
    assert kpi("contract", "lint", str(path)).err == f"{said}v3.1.0).\n"


def test_a_rule_of_another_kind_that_names_a_variable_is_refused(kpi: Kpi, tmp_path: Path) -> None:
    days = 'rule: noPlaceholder, days: ["1900-01-01", "1969-12-31", "1970-01-01"]'
    path = changed(tmp_path, days, "rule: sql, holds: purchase_price > 1")
    done = kpi("contract", "lint", str(path))
    assert done.code == 2
    assert f"{path}, line " in done.err
    assert "(sql) names KPI_CRYPTO__PLACEHOLDER_DATES among its settings, which ove" in done.err


def test_lint_looks_at_producers_as_well(kpi: Kpi, tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("kind: Producer\ncontract: bt_crypto_events\ncolumns: {a: b}\n", "utf-8")
    done = kpi("contract", "lint", str(path))
    assert done.code == 2
    assert f"{path}, line 3: bt_crypto_events has no delivered column a, only site_" in done.err


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("dimension: timeliness", "dimension: speed", "says the standard"),
        ("rule: digits", "rule: numbers", "'numbers' is no rule"),
        ("physicalType: DATE", "physicalType: TEXT", "the warehouse's purchase_date is DATE"),
        ("property: latency", "property: lateness", "(newestDay) needs the service level latency"),
        ("value: 2\n    unit: d", "value: 2\n    unit: h", "latency is a whole number of days"),
        (
            "id: site_id_missing",
            "{id: x, type: custom, engine: kpi, implementation: {rule: newestDay}}\n"
            "          - id: site_id_missing",
            "the rule x (newestDay) is about the whole table, not site_id",
        ),
    ],
)
def test_lint_says_what_is_wrong(kpi: Kpi, tmp_path: Path, old: str, new: str, says: str) -> None:
    path = changed(tmp_path, old, new)
    done = kpi("contract", "lint", str(path), str(CRYPTO))
    assert (done.code, says in done.err) == (2, True)
    assert f"{path}, line " in done.err
    assert done.out == f"{path}: wrong\ncontracts/{CRYPTO.name}: right\n"


@pytest.mark.usefixtures("warehouse")
def test_lint_tries_sql_where_a_warehouse_runs(kpi: Kpi, tmp_path: Path) -> None:
    path = changed(tmp_path, BEFORE_FIRST_RULE, rule_before_first("rule: sql, holds: price > 1"))
    done = kpi("contract", "lint", str(path))
    assert (done.code, done.out) == (2, f"{path}: wrong\n")
    assert f"{path}, line " in done.err
    assert 'PostgreSQL does not take the rule x: column "price" does not exist' in done.err


def test_lint_says_that_sql_was_not_tried_and_starts_nothing(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "home"))
    path = changed(tmp_path, BEFORE_FIRST_RULE, rule_before_first("rule: sql, holds: price > 1"))
    done = kpi("contract", "lint", str(path))
    assert (done.code, done.out) == (0, f"{path}: right\n")
    assert f"{path}: no warehouse runs here, so its rules were not tried." in done.err
    assert not (tmp_path / "home").exists()


def test_lint_looks_at_the_contract_of_the_settings_as_well(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = changed(tmp_path, "rule: digits", "rule: numbers")
    monkeypatch.setenv("KPI_CRYPTO__CONTRACT", str(path))
    done = kpi("contract", "lint")
    assert done.code == 2
    assert [line.rpartition(" ")[2] for line in done.out.splitlines()] == [*["right"] * 3, "wrong"]
    assert done.err.count(f"{path}, line ") == 1


@pytest.mark.parametrize("name", ["churn", "another"])
def test_lint_says_where_a_churn_contract_is_wrong(kpi: Kpi, tmp_path: Path, name: str) -> None:
    path = changed(tmp_path, "id: churn", f"id: {name}", of=CHURN)
    changed(tmp_path, "logicalType: string", "logicalType: boolean", of=path)
    done = kpi("contract", "lint", str(path))
    assert (done.code, done.out) == (2, f"{path}: wrong\n")
    assert f"{path}, line " in done.err
    assert "cannot be of type boolean" in done.err


def test_lint_says_that_no_pipeline_reads_a_contract(kpi: Kpi, tmp_path: Path) -> None:
    path = changed(tmp_path, "- name: bt_crypto_events", "- name: events")
    assert "has no table that a pipeline reads" in kpi("contract", "lint", str(path)).err


def test_lint_names_the_features_that_need_a_column_of_churn(kpi: Kpi, tmp_path: Path) -> None:
    path = changed(tmp_path, "name: discount", "name: rebate", of=CHURN)
    done = kpi("contract", "lint", str(path))
    assert done.code == 2
    assert f"{path}, line " in done.err
    assert "PAYMENTS has no column discount, which avg_discount, discounted_share need" in done.err


def test_lint_knows_values_of_a_producer_by_which_no_row_passes(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = tmp_path / "shop.yaml"
    producer.write_text(
        "kind: Producer\ncontract: bt_crypto_events\nfile: {dateFormat: d/M/yyyy}\ncolumns: {"
        "user_id: a, purchase_date: b, crypto_type: c, purchase_price: d}\nconstants:\n"
        "  site_id: CHILE\n  purchase_units: many\nvalues:\n  crypto_type: {XBT: BITCOIN, X: ''}\n",
        "utf-8",
    )
    said = kpi("contract", "lint", str(producer)).err
    assert f"{producer}, line 6: site_id is 'CHILE' here, which the contract does not know" in said
    assert f"{producer}, line 7: purchase_units is 'many' here, which is no number." in said
    assert f"{producer}, line 9: crypto_type is 'BITCOIN' here, which the contract does no" in said
    monkeypatch.setenv("KPI_CRYPTO__SITES", '["CHILE"]')
    assert "CHILE" not in kpi("contract", "lint", str(producer)).err
    monkeypatch.delenv("KPI_CRYPTO__SITES")
    # The contract of the settings: other values, and none for crypto_type.
    mine = changed(tmp_path, "validValues: [ARGENTINA, BRASIL, MEXICO]", "validValues: [CHILE]")
    changed(tmp_path, "validValues: [BTC, ETH, USDC]", "pattern: '^[A-Z]*$'", of=mine)
    monkeypatch.setenv("KPI_CRYPTO__CONTRACT", str(mine))
    said = kpi("contract", "lint", str(producer)).err
    assert f"{producer}, line 7: purchase_units is 'many' here" in said
    assert "which the contract does not know" not in said


def test_lint_knows_what_a_producer_of_churn_may_say(kpi: Kpi, tmp_path: Path) -> None:
    producer = write_foreign(tmp_path, "DEMOGRAFICOS", ROWS["DEMOGRAFICOS"])
    assert kpi("contract", "lint", str(producer)).out == f"{producer}: right\n"
    text = producer.read_text(encoding="utf-8")
    producer.write_text(
        text.replace(", age: Edad", "") + "constants:\n  age: 200\n", encoding="utf-8"
    )
    done = kpi("contract", "lint", str(producer))
    assert done.code == 2
    assert f"{producer}, line 10: age is above 130 in each row." in done.err


def test_show_tells_what_a_variable_overrides(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CRYPTO__SITES", '["CHILE"]')
    shown = {rule["id"]: rule for rule in json.loads(kpi("contract", "show", "--format=json").out)}
    assert shown["site_id_unknown"]["holds"] == "site_id is one of CHILE"
    assert shown["site_id_unknown"]["by"] == "KPI_CRYPTO__SITES"
    assert shown["crypto_type_unknown"]["by"] == "contract"
    assert shown["day_has_few_rows"]["severity"] == "error"
    assert shown["delivery_is_old"]["severity"] == "warn"


def test_show_tells_the_rules_of_churn_and_every_setting_that_counts(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> dict[str, tuple[str, str, str]]:
        rules = json.loads(kpi("contract", "show", "--format=json").out)
        return {rule["id"]: (rule["holds"], rule["severity"], rule["by"]) for rule in rules}

    ours = shown()
    assert ours["DEMOGRAFICOS.age"] == (
        "AGE is a whole number, is at least 0, is at most 130",
        "error",
        "contract",
    )
    assert ours["DEMOGRAFICOS.gender (known values)"] == (
        "GENDER is one of F, M",
        "warn",
        "contract",
    )
    for variable, given, rule, holds, severity in [
        ("CRYPTO__FRESHNESS_HOURS", "7", "freshness", "published data is late 7 hours", "warn"),
        ("CHURN__DATE_FORMAT", "%d.%m.%Y", "PAYMENTS.paid_on", "a day as %d.%m.%Y", "error"),
        ("CHURN__UNKNOWN_VALUES", "refuse", "DEMOGRAFICOS.gender (known values)", "F, M", "error"),
        ("CHURN__MAX_SILENT_DAYS", "9", "freshness of PAYMENTS", "of the last 9 days", "error"),
    ]:
        assert ours[rule][2] == "contract"
        monkeypatch.setenv(f"KPI_{variable}", given)
        said = shown()[rule]
        assert holds in said[0]
        assert said[1:] == (severity, f"KPI_{variable}")


def test_show_tells_what_a_churn_file_may_say_and_has_as_a_whole(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    city = "        description: City\n"
    rules = (
        "{id: form, metric: invalidValues, arguments: {pattern: '^[A-Z]'}, mustBe: 0}",
        "{id: share, metric: missingValues, unit: percent, mustBeLessThan: 5, severity: warn}",
    )
    entries = "".join(f"          - {rule}\n" for rule in rules)
    path = changed(tmp_path, city, f"{city}        quality:\n{entries}", of=CHURN)
    people = "    description: Who the user is, one row per user\n"
    few = "{id: few, metric: rowCount, mustBeBetween: [2, 9000]}"
    changed(tmp_path, people, f"{people}    quality:\n      - {few}\n", of=path)
    contract = read_contract(path)
    file = source_file(contract, contract.table("DEMOGRAFICOS"))
    monkeypatch.setattr("flows.churn.sources.contract.SOURCE_FILES", (file,))
    shown = {rule["id"]: rule for rule in json.loads(kpi("contract", "show", "--format=json").out)}
    assert shown["DEMOGRAFICOS.city (form)"]["holds"] == "CITY matches ^[A-Z]"
    assert shown["DEMOGRAFICOS (share)"]["holds"] == "city is missing in less than 5 %"
    assert shown["DEMOGRAFICOS (share)"]["severity"] == "warn"
    assert (
        shown["DEMOGRAFICOS (few)"]["holds"] == "DEMOGRAFICOS has at least 2 and at most 9,000 rows"
    )


def test_show_tells_the_key_and_what_becomes_of_rows_that_share_it(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = contract_with(tmp_path, "newest", ("user_id", "purchase_date"))
    monkeypatch.setenv("KPI_CRYPTO__CONTRACT", str(path))
    shown = {rule["id"]: rule for rule in json.loads(kpi("contract", "show", "--format=json").out)}
    assert shown["duplicate_candidate"]["column"] == "user_id, purchase_date"
    assert shown["duplicate_candidate"]["holds"].endswith("the one that arrived last is published")


def test_diff_refuses_a_breaking_change_under_the_same_version(kpi: Kpi, tmp_path: Path) -> None:
    path = changed(tmp_path, "[BTC, ETH, USDC]", "[BTC, ETH]")
    done = kpi("contract", "diff", str(CRYPTO), str(path))
    assert (done.code, "version 1.0.0 needs to become a new one" in done.err) == (2, True)
    changed(tmp_path, "version: 1.0.0", "version: 2.0.0", of=path)
    assert "no longer USDC" in kpi("contract", "diff", str(CRYPTO), str(path)).out
    same = kpi("contract", "diff", str(CRYPTO), str(CRYPTO))
    assert same.err == "Nothing changed that anybody relies on.\n"
