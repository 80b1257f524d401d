"""Whether MLflow's stage, its alias and the ledger agree, and what counts where they do not."""

from dataclasses import dataclass
from typing import Literal

from flows.churn.production.in_mlflow import InMlflow
from flows.churn.production.ledger import Action, Change

Rule = Literal["follow", "refuse"]
ByHand = Literal["promoted by hand", "archived by hand"]
Kind = Literal["cut short"] | ByHand

_FACTS: dict[Kind, str] = {
    "cut short": "The ledger's last change ({action}, version {version}) is under way, or was cut "
    "short",
    "promoted by hand": "Somebody made version {version} Production in MLflow",
    "archived by hand": "Somebody left MLflow without its Production, version {version}",
}
_NEXT = {
    "cut short": "completes it",
    "followed": "writes that to the ledger and follows it",
    "taken back": "writes that to the ledger and takes it back",
}
_NOBODY = "none"


@dataclass(frozen=True)
class Difference:
    """What the three say where they do not agree, and how that came about.

    `action` is the ledger's word for it and `version` the one that it is about; `ledger` is what
    the ledger said before.
    """

    kind: Kind
    action: Action
    version: str
    stage: str | None
    alias: str | None
    ledger: str | None

    @property
    def fact(self) -> str:
        """Say what happened, and what each of the three says."""
        what = _FACTS[self.kind].format(action=self.action, version=self.version)
        return (
            f"{what}: MLflow's stage says {self.stage or _NOBODY}, its alias "
            f"{self.alias or _NOBODY}, the ledger {self.ledger or _NOBODY}."
        )

    @property
    def next(self) -> str:
        """Say what becomes of it, for those who cannot mend it themselves."""
        told = f"The next training, scoring or rollback {_NEXT[self.outcome]}."
        if self.kind == "promoted by hand" and self.outcome == "taken back":
            told += f' To take it in: kpi model accept {self.version} --why "…".'
        return told

    @property
    def outcome(self) -> Literal["cut short", "followed", "taken back"]:
        """What becomes of the change: it is completed, followed or taken back."""
        if self.kind == "cut short":
            return "cut short"
        return "taken back" if self.action == "taken back" else "followed"


@dataclass(frozen=True)
class Verdict:
    """The version that is Production, and the difference to be mended; None where all agree.

    `last` is the ledger's last change, None where there is none, or where it was not read.
    """

    production: str | None
    difference: Difference | None = None
    last: Change | None = None
    knows_ledger: bool = True

    @property
    def known(self) -> str | None:
        """The version that may be used now: what the ledger does not know has to wait for it."""
        if self.difference and self.difference.action == "promoted by hand":
            return self.difference.ledger
        return self.production

    @property
    def sha256(self) -> str | None:
        """The SHA-256 by which the ledger knows that version; None where none was recorded yet."""
        return self.last.model_sha256 if self.last else None

    @property
    def unfinished(self) -> bool:
        """Whether the ledger waits for MLflow to follow."""
        return self.last is not None and self.last.unfinished


def judge(last: Change | None, found: InMlflow, rule: Rule) -> Verdict:
    """Return what is Production by the ledger's last change and by what MLflow says now.

    A change is written to the ledger before MLflow is told. So where the last one is unfinished it
    is completed; any other difference was made in MLflow by hand, which is followed or refused.
    """
    ledger = last.production if last else None
    if found.says(ledger):
        return Verdict(ledger, None, last)
    three = {"stage": found.stage, "alias": found.alias, "ledger": ledger}
    if last and last.unfinished and not _overtaken(last, found):
        return Verdict(ledger, Difference("cut short", last.action, last.version, **three), last)
    wanted = _wanted(ledger, found)
    gone = ledger is not None and ledger not in found.versions
    # What is gone cannot be brought back; then nothing is Production, and not what somebody chose.
    if rule == "refuse" and gone and not _as_before(last, wanted):
        wanted = None
    kind: ByHand = "promoted by hand" if wanted else "archived by hand"
    version = wanted or ledger or _NOBODY
    if rule == "refuse" and not gone:
        return Verdict(ledger, Difference(kind, "taken back", version, **three), last)
    return Verdict(wanted, Difference(kind, kind, version, **three), last)


def _overtaken(last: Change, found: InMlflow) -> bool:
    """Return whether somebody changed MLflow after the change was cut short."""
    if last.production is not None and last.production not in found.versions:
        return True
    named = {*found.in_stage, found.alias} - {None}
    return not named <= {last.version, last.former_version}


def _as_before(last: Change | None, wanted: str | None) -> bool:
    """Return whether MLflow has what was Production before a change that never was finished."""
    return last is not None and last.unfinished and wanted == last.former_version


def _wanted(ledger: str | None, found: InMlflow) -> str | None:
    """Return what somebody made Production: by stage, else by alias; None for an archival.

    Where several are in the stage, it is what MLflow resolves the stage to among the new ones.
    """
    if new := found.in_stage - {ledger}:
        return max(new, key=int)
    return found.alias if found.alias != ledger else None
