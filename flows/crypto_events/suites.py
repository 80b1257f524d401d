"""The two suites of the contract, as checks for Great Expectations."""

from psycopg import sql

from flows.crypto_events import fitting
from flows.crypto_events.contract import RAW_COLUMNS, raw_rules, table_of
from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.key import Key, columns
from flows.crypto_events.rule_kinds import as_query
from flows.crypto_events.run import WindowRun
from flows.platform.quality.great_expectations import Check
from flows.settings.crypto_events import CryptoSettings
from flows.sql_files import read_sql

WINDOW_IS_EMPTY = fitting.WINDOW_IS_EMPTY


def raw_history_checks(contract: CryptoSettings, coverage: object = None) -> list[Check]:
    """Return the checks of suite_raw_history: columns, at least one row, every contract rule.

    They look at the rows that the run stages; `coverage` says how many those are, for people.
    """
    return [
        Check(
            fitting.COLUMNS_EXIST,
            f"the columns {', '.join(RAW_COLUMNS)} exist",
            "ExpectTableColumnsToMatchSet",
            {"column_set": list(RAW_COLUMNS), "exact_match": False},
        ),
        Check(
            WINDOW_IS_EMPTY,
            _with(coverage, "the window holds at least one raw row"),
            "SingleQueryExpectation",
            {"unexpected_rows_query": read_sql("crypto_events/validation/suite_no_rows.sql")},
        ),
        *(
            Check(rule.id, rule.description, rule.expectation, rule.arguments)
            for rule in raw_rules(contract)
        ),
    ]


def delivery_checks(contract: CryptoSettings, run: WindowRun) -> list[Check]:
    """Return the checks of suite_raw_history about the delivery as a whole, day by day.

    They look at the rows by day that the run counted.
    """
    suite = read_sql("crypto_events/validation/delivery/suite_broken_days.sql")
    return [
        Check(
            rule.id,
            rule.description,
            "SingleQueryExpectation",
            {"unexpected_rows_query": suite.replace("{broken_days}", as_query(rule.days(run)))},
        )
        for rule in delivery_rules(contract)
    ]


def staging_candidate_checks(contract: CryptoSettings, coverage: object = None) -> list[Check]:
    """Return the checks of suite_staging_candidate: what must hold for rows to be published.

    They look at the rows that the run stages; `coverage` says how many those are, for people.
    """
    table = table_of(contract)
    return [
        *(
            Check(
                f"{column.name}_type",
                f"{column.name} is of type {column.physical_type}",
                "ExpectColumnValuesToBeOfType",
                {"column": column.name, "type_": column.physical_type},
            )
            for column in table.columns
        ),
        *(
            Check(
                f"{column.name}_present",
                f"{column.name} is present",
                "ExpectColumnValuesToNotBeNull",
                {"column": column.name},
            )
            for column in table.columns
            if column.required
        ),
        *(
            Check(
                f"{column.name}_positive",
                f"{column.name} is greater than 0",
                "ExactBoundsExpectation",
                {"column": column.name, "min_value": 0, "strict_min": True},
            )
            for column in table.columns
            if column.options.get("exclusiveMinimum") == 0
        ),
        Check(
            "purchase_value_arithmetic",
            "purchase_value is purchase_price * purchase_units",
            "SingleQueryExpectation",
            {"unexpected_rows_query": read_sql("crypto_events/validation/suite_wrong_values.sql")},
        ),
        Check(
            "key_unique",
            f"no two rows share {', '.join(table.key)}",
            "SingleQueryExpectation",
            {"unexpected_rows_query": _repeated_keys(Key.of(contract))},
        ),
        Check(
            "key_looked_at",
            _with(coverage, "no row shares its day and user with rows that are vouched for"),
            "SingleQueryExpectation",
            {"unexpected_rows_query": read_sql("crypto_events/validation/suite_unknown_keys.sql")},
        ),
    ]


def _repeated_keys(key: Key) -> str:
    query = sql.SQL(read_sql("crypto_events/validation/suite_repeated_keys.sql"))
    # Great Expectations fills in the table.
    return query.format(
        batch=sql.SQL("{batch}"), key=columns(key.ordered), hash=key.hash
    ).as_string(None)


def _with(coverage: object, description: str) -> str:
    return f"{description} ({coverage})" if coverage else description
