"""A person in what people wrote, in `--why` and `--by`: they are made nameless."""

from collections.abc import Iterator

from psycopg import sql

from flows.churn.folders import churn_runs
from flows.churn.promotion.approval import APPROVAL
from flows.errors import KpiError
from flows.forgetting.trace import Trace
from flows.platform.forgetting.numbers_in_text import without_people
from flows.platform.forgetting.people import People
from flows.platform.storage.atomic_files import read_json, write_json
from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings

_WORDS = (
    ("dqm", "bt_crypto_events_rejects", "resolution"),
    ("dqm", "bt_crypto_events_dismissals", "why"),
    ("dqm", "bt_crypto_events_dismissals", "dismissed_by"),
)
_BY_HAND = ("accepted", "rolled back")
# How a training's own reasons, which count and compare, are joined by those of a person.
_APPROVED, _REFUSED = "approved: ", " said no: "
_IN_APPROVAL = ("by", "why")


def forget_in_words(connection: Connection, people: People) -> Iterator[Trace]:
    """Hide their ids in what people wrote into the warehouse."""
    for schema, table, column in _WORDS:
        of, named = sql.Identifier(schema, table), sql.Identifier(column)
        cells = execute(connection, "forgetting/cells.sql", table=of, column=named).fetchall()
        for row in cells:
            text, found = without_people(row["cell"], people)
            if found:
                words = {"before": row["cell"], "after": text}
                execute(connection, "forgetting/replace_words.sql", words, table=of, column=named)
                yield Trace(f"{schema}.{table}", found, "made nameless")
    for row in execute(connection, "forgetting/reasons.sql").fetchall():
        by, found = without_people(row["decided_by"], people)
        reasons = []
        for reason in row["reasons"]:
            text, hidden = without_people(reason, people)
            theirs = row["action"] in _BY_HAND or _is_a_persons(reason)
            reasons.append(text if theirs else reason)
            found += hidden if theirs else 0
        if found:
            words = {"promotion_id": row["promotion_id"], "decided_by": by, "reasons": reasons}
            execute(connection, "forgetting/replace_reasons.sql", words)
            yield Trace("dqm.bt_churn_promotions", found, "made nameless")


def _is_a_persons(reason: str) -> bool:
    return reason.startswith(_APPROVED) or _REFUSED in reason


def forget_in_approvals(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Hide their ids in answers about promotions, which lie with the runs of trainings.

    Raises KpiError, after all the others, for one that cannot be read.
    """
    traces, unread = [], []
    for path in sorted(churn_runs(settings).glob(f"*/{APPROVAL}")):
        try:
            answer = read_json(path)
            said = {name: without_people(answer[name], people) for name in _IN_APPROVAL}
        except (OSError, ValueError, KeyError, TypeError):
            unread.append(path)
            continue
        found = sum(hidden for _, hidden in said.values())
        if found and not dry_run:
            write_json(path, {**answer, **{name: text for name, (text, _) in said.items()}})
        traces.append(Trace("approvals of trainings", found, "made nameless"))
    if unread:
        raise KpiError(f"{unread[0]} cannot be searched: it is no answer of ours in JSON.")
    return traces
