"""Each rule has an example of a good and of a bad value: the SQL and the suite judge both alike."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.contracts.errors import BadContract
from flows.crypto_events import rule_sql
from flows.crypto_events.contract import RAW_COLUMNS, RAW_SUITE, Rule, raw_rules
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.staging.trial import try_delivery
from flows.crypto_events.validation.validate import ge_validate_raw
from flows.errors import DataRejected
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed
from tests.crypto_events.rules.every_rule import every_kind
from tests.crypto_rows import AS_OF, add_rows, candidates, failed_checks, reasons, rejects


def cells_of(rule: Rule, example: object) -> dict[str, str | None]:
    if isinstance(example, dict):
        return example
    assert rule.column is not None
    assert isinstance(example, str)
    return {rule.column: example}


@pytest.fixture
def strict(make_quick: Callable[..., Settings], db: Connection, tmp_path: Path) -> Settings:
    """A warehouse with a table that a rule refers to, and a contract with every kind of rule."""
    db.execute("CREATE TABLE public.assets (code text)")
    db.execute("INSERT INTO public.assets VALUES ('BTC'), ('USDC'), ('btc'), (NULL)")
    return make_quick(contract=every_kind(tmp_path))


def test_the_bad_value_of_each_rule_is_its_reason_and_fails_its_check(
    strict: Settings, db: Connection
) -> None:
    rules = raw_rules(strict.crypto)
    bad = dict(
        zip(
            [rule.id for rule in rules],
            add_rows(
                db,
                *(
                    {"user_id": str(1000 + number), **cells_of(rule, rule.bad_cell)}
                    for number, rule in enumerate(rules)
                ),
            ),
            strict=True,
        )
    )
    good = add_rows(
        db,
        *(
            {"user_id": str(2000 + number), **cells_of(rule, rule.good_cell)}
            for number, rule in enumerate(rules)
        ),
    )
    run = plan_run(strict, AS_OF)
    build_events_candidate(strict, run)

    [warned] = [rule.id for rule in rules if rule.severity == "warn"]
    refused = {raw_id: rule for rule, raw_id in bad.items() if rule != warned}
    assert reasons(db) == {raw_id: [rule] for raw_id, rule in refused.items()}
    assert set(candidates(db)) == {*good, bad[warned]}

    with pytest.raises(DataRejected):
        ge_validate_raw(strict, run)
    failed = failed_checks(db, run, RAW_SUITE)
    assert failed.pop(warned) > 1  # the examples of other rules have low prices
    assert failed == dict.fromkeys(refused.values(), 1)
    assert dict(rejects(db)) == refused


def test_a_warning_is_recorded_and_lets_pass(
    strict: Settings, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    (row,) = add_rows(db, {"purchase_price": "49"})
    run = plan_run(strict, AS_OF)
    build_events_candidate(strict, run)
    with caplog.at_level(logging.WARNING):
        assert ge_validate_raw(strict, run).success
    assert "a price below 50 is a rumour" in caplog.text
    assert failed_checks(db, run, RAW_SUITE) == {"price_is_low": 1}
    assert candidates(db) == [row]


def test_rows_are_judged_anew_when_the_table_that_a_rule_refers_to_changes(
    strict: Settings, db: Connection
) -> None:
    (row,) = add_rows(db, {"crypto_type": "ETH"})
    run = plan_run(strict, AS_OF)
    build_events_candidate(strict, run)
    assert reasons(db) == {row: ["crypto_listed"]}
    db.execute("INSERT INTO public.assets VALUES ('ETH')")
    build_events_candidate(strict, run)
    assert reasons(db) == {}


def test_sql_that_does_not_compile_is_said_with_its_line_and_changes_nothing(
    strict: Settings, make_quick: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    (row,) = add_rows(db, {"crypto_type": "ETH"})
    run = plan_run(strict, AS_OF)
    build_events_candidate(strict, run)
    for old, new, says in [
        ("public.assets", "public.asset", "crypto_listed refers to what is not there"),
        ("purchase_price = 7", "price = 7", 'not take the rule own_sql: column "price"'),
        ("purchase_price = 7 AND", "purchase_price AND", "does not take the rule own_sql"),
        ("{3,}", "{3,}(", "does not take the rule site_pattern: invalid regular expression"),
    ]:
        wrong = make_quick(contract=changed(tmp_path, old, new, of=every_kind(tmp_path)))
        with pytest.raises(BadContract, match=says) as error:
            build_events_candidate(wrong, run)
        assert f"mine.odcs.yaml, line {error.value.line}: " in str(error.value)
    assert reasons(db) == {row: ["crypto_listed"]}


def test_so_is_sql_that_is_slow_to_plan(
    strict: Settings,
    make_quick: Callable[..., Settings],
    db: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # PostgreSQL computes what is immutable while it plans.
    db.execute(
        "CREATE FUNCTION public.is_prime_day() RETURNS bool LANGUAGE plpgsql IMMUTABLE"
        " AS 'BEGIN PERFORM pg_sleep(60); RETURN true; END'"
    )
    monkeypatch.setattr(rule_sql, "_SECONDS_TO_PLAN", 1)
    path = changed(
        tmp_path, "purchase_price = 7 AND", "public.is_prime_day() AND", of=every_kind(tmp_path)
    )
    with pytest.raises(
        BadContract,
        match=r"line \d+: PostgreSQL plans the rule own_sql for more than 1 seconds: write it more",
    ):
        build_events_candidate(make_quick(contract=path), plan_run(strict, AS_OF))
    delivery = tmp_path / "delivery.csv"
    delivery.write_text(f"{','.join(RAW_COLUMNS)}\nMEXICO,1,10/3/2025,BTC,2,3\n", "utf-8")
    with pytest.raises(BadContract, match="PostgreSQL plans the rule own_sql for more than 1 sec"):
        try_delivery(make_quick(contract=path), delivery)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("digits, beforePoint: 14}", "digits, beforePoint: -1}", "needs beforePoint"),
        ("digits, beforePoint: 14}", "digits}", "needs beforePoint from 1 or afterPoint"),
        ("exclusiveMinimum: 0", "multipleOf: 2", "purchase_price has none in logicalTypeOptions"),
        ("column: latest_date", "column: tomorrow", "compares with tomorrow, but there are"),
        ("column: latest_date", "column: purchase_date", "with purchase_date, but there are"),
        ("column: latest_date", "column: user_id", "a date, with user_id, a number"),
        ("properties: [site_id, ", "properties: [", "is about the whole table"),
        ("digits, beforePoint: 14}", "digits, beforePoint: 0}", "needs beforePoint from 1"),
        ("KPI_CRYPTO__SITES", "KPI_CRYPTO__SITE", "names KPI_CRYPTO__SITE among its settings, whi"),
        ("KPI_CRYPTO__SITES", "KPI_CRYPTO__FIRST_YEAR", "overrides nothing of it"),
        (
            "name: crypto_type",
            "name: crypto_type\n        physicalName: COIN",
            "and not COIN: othe",
        ),
        (
            "name: crypto_type",
            "name: crypto_type\n        unique: true",
            "unique of crypto_type is",
        ),
        ("Position: 2", "Position: 1", "two columns have the same primaryKeyPosition"),
        ("id: duplicate_candidate", "id: my_key", "reasons of rejects call that duplicate_cand"),
        ("id: user_id_missing", "id: columns", "no rule is called columns: the check that a raw"),
        ("id: day_has_few_rows", "id: window_is_empty", "no rule is called window_is_empty: the"),
        (
            "mustBe: 0\n        severity: error",
            "mustBe: 0\n        severity: warn",
            "is about the key, of which no two rows can be published: severity is error",
        ),
        (
            "- id: purchase_date_missing",
            "- {id: x, type: custom, engine: kpi, implementation: {rule: readable}}\n"
            "          - id: purchase_date_missing",
            "has the rule x .readable., so purchase_date_not_a_date is not checked",
        ),
        (
            'compare, operator: "<=", column: latest_date',
            "bounds, minimum: soon",
            "has a bound that is no day",
        ),
        (
            'compare, operator: "<=", column: latest_date',
            "digits, afterPoint: 1",
            "is for columns of type number, which purchase_date is not",
        ),
    ],
)
def test_a_rule_that_does_not_fit_its_column(
    make_quick: Callable[..., Settings], tmp_path: Path, old: str, new: str, says: str
) -> None:
    settings = make_quick(contract=changed(tmp_path, old, new))
    with pytest.raises(BadContract, match=says):
        raw_rules(settings.crypto)
