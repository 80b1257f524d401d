"""Whether the delivery as a whole is what the contract says, and what is asked when it is not."""

import logging
from dataclasses import dataclass

from flows.crypto_events.delivery_rules import DeliveryRule, delivery_rules
from flows.crypto_events.run import WindowRun
from flows.errors import KpiError
from flows.platform.quality.great_expectations import CheckResult
from flows.platform.warehouse.connection import Connection
from flows.settings.crypto_events import CryptoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeliveryVerdict:
    """The checks of rows, those of the delivery that failed and bind, and what stops the run."""

    of_rows: list[CheckResult]
    binding: list[CheckResult]
    refusal: str | None


def judge_delivery(
    connection: Connection, crypto: CryptoSettings, run: WindowRun, checks: list[CheckResult]
) -> DeliveryVerdict:
    """Tell checks of rows from those of the delivery, of which warnings and what was accepted pass.

    Raises KpiError when Great Expectations and the SQL disagree: both read the same contract.
    """
    rules = {rule.id: rule for rule in delivery_rules(crypto)}
    failed = {check.id: check for check in checks if check.id in rules and not check.success}
    found = {name: _broken_days(connection, rules[name], run) for name in failed}
    binding = [check for name, check in failed.items() if rules[name].severity == "error"]
    for name, sentence in found.items():
        if rules[name].severity == "warn":
            logger.warning("%s (%s). It passes: it is a warning.", sentence, name)
        elif run.accept_delivery:
            logger.warning("%s (%s). It was accepted.", sentence, name)
    asked = [f"{found[check.id]} ({check.id})" for check in binding]
    return DeliveryVerdict(
        of_rows=[check for check in checks if check.id not in rules],
        binding=binding,
        refusal=_question(asked) if asked and not run.accept_delivery else None,
    )


def broken_rules(
    connection: Connection, crypto: CryptoSettings, run: WindowRun
) -> list[tuple[DeliveryRule, str]]:
    """Return the rules about the delivery that the staged window breaks, each with a sentence."""
    return [
        (rule, rule.sentence(days))
        for rule in delivery_rules(crypto)
        if (days := connection.execute(rule.days(run)).fetchall())
    ]


def _question(asked: list[str]) -> str:
    return (
        f"The delivery asks a question: {'; '.join(asked)}. Nothing was published. Deliver what is "
        "missing and run again, or, if this is all there is, run again with --accept-delivery."
    )


def _broken_days(connection: Connection, rule: DeliveryRule, run: WindowRun) -> str:
    days = connection.execute(rule.days(run)).fetchall()
    if not days:
        raise KpiError(
            f"Great Expectations and the SQL disagree on {rule.id}. Nothing was published; please "
            "report this."
        )
    return rule.sentence(days)
