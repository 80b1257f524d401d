"""The settings of the churn pipelines."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from flows.paths import REPOSITORY
from flows.settings import contracted


class ChurnSettings(BaseModel):
    """Where the churn pipelines read, how they train, and what a model must reach."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    # The sources, whose contract is contracts/churn.odcs.yaml.
    source: Path = Path("data/churn")
    """Folder of the five CSV files; a relative one counts from this project's folder."""
    date_format: str = Field(default_factory=contracted.churn_date_format)
    """Form of dates in the files, as strftime writes them; it overrides the contract's."""
    producers: dict[str, str] = {}
    """Files that are not written as the contract says, and who writes each, as JSON:
    `{"PAYMENTS": "acme"}` for contracts/producers/acme.yaml, or a path to such a file; a relative
    one counts from this project's folder."""
    newer_files: Literal["refuse", "leave_out"] = "refuse"
    """What becomes of a file that describes users later than the cutoff, when none was delivered
    before: the run stops, or does without its columns."""
    unknown_values: Literal["missing", "refuse"] | None = None
    """What becomes of a value that the contract does not know, in a column with known ones: it is
    counted and means missing, or the run stops. Empty: by the severity of the column's rule."""
    min_known_share: float = Field(0.5, ge=0, le=1)
    """Share of the payers that each file about users must know, and share of its users who must
    have paid or be known from another file."""
    never_paid: Literal["train", "leave_out"] = "train"
    """Whether models learn from users who had never paid up to the cutoff."""
    max_silent_days: int = Field(default_factory=contracted.max_silent_days, ge=0)
    """Days without any payment before `as_of` after which PAYMENTS counts as incomplete; it
    overrides the contract's freshness."""

    # Features and labels.
    feature_engine: Literal["duckdb", "spark"] = "duckdb"
    """What builds features: DuckDB on one machine, or Spark when users outgrow it."""
    label_days: int = Field(30, ge=1, le=365)
    """Days without a payment that make a user churned."""
    lookback_days: int = Field(730, ge=30, le=3660)
    """Days up to the cutoff whose payments features read; fewer when PAYMENTS starts later."""
    min_lookback_days: int = Field(60, ge=1, le=3660)
    """Days of payments that features need at the least."""
    drift_snapshots: int = Field(8, ge=1, le=520)
    """Weekly snapshots that the drift reference holds."""
    sensitive_features: Literal["use", "leave_out"] = "use"
    """Whether age and gender take part in training, scoring and drift."""

    # Training.
    regularizations: tuple[float, ...] = Field((0.0001, 0.001, 0.01), min_length=1)
    """Values of Spark's regParam that training tries; where the smallest or largest is the best, up
    to three beyond it as well. One value alone is taken as it is, which saves fits."""
    challengers: tuple[Literal["trees", "bg_nbd"], ...] = ()
    """Kinds of model that training tries beside the logistic regression: Spark's gradient-boosted
    trees, which take several times as long, and BG/NBD, which knows only when users paid. One that
    beats it on the holdout becomes the candidate."""
    training_snapshots: int = Field(1, ge=1, le=24)
    """Snapshots that teach, one label window apart, the last of them today's. Users outside the
    holdout then teach as they were on each of these days, and PAYMENTS has to hold as many label
    windows more."""
    class_weights_below: float = Field(0.05, ge=0, le=0.5)
    """Share of the rarer class below which training weighs the classes."""
    holdout_share: float = Field(0.3, gt=0, lt=1)
    """Share of users that no model is ever trained on."""
    validation_share: float = Field(0.25, gt=0, lt=1)
    """Share of the other users that choose the regularization and the threshold."""
    seed: int = 2026
    """Seed of the bootstrap and of samples."""

    # Decisions: whom a campaign contacts. Amounts are in the currency of PAYMENTS.
    threshold_by: Literal["capacity", "cost", "f1"] = "capacity"
    """How the probability is chosen from which a user counts as churning, among users who paid in
    the last 90 days: as many as can be contacted, the largest gain, or the largest F1."""
    capacity_share: float = Field(0.1, gt=0, le=1)
    """Share of the users who paid in the last 90 days that a campaign can contact."""
    contact_cost: float = Field(1, ge=0)
    """What contacting one user costs."""
    kept_value: float = Field(20, ge=0)
    """What a user is worth who would have churned and is kept."""
    contact_success: float = Field(0.2, ge=0, le=1)
    """Share of the contacted users who would have churned that is kept."""

    # Promotion.
    min_auc: float = Field(0.65, ge=0.5, le=1)
    """Least ROC AUC on the holdout that a model needs for Production."""
    max_calibration_error: float = Field(0.1, ge=0, le=1)
    """Largest mean difference between predicted and observed churn, over deciles of the holdout."""
    max_base_rate_change: float = Field(0.15, ge=0, le=1)
    """Largest change of the share of users who churned, against the training of Production."""
    min_holdout_rows: int = Field(200, ge=2)
    """Users that the holdout needs."""
    min_class_rows: int = Field(20, ge=1)
    """Churned users, and others, that the holdout needs."""
    promotion_min_delta: float = Field(0.005, ge=0, le=1)
    """ROC AUC by which a candidate must beat Production."""
    bootstrap_rounds: int = Field(500, ge=100, le=100_000)
    """Resamples of the holdout behind the interval of the gain."""
    require_approval: bool = False
    """Whether a promotion waits for a person's answer in Prefect."""
    approval_timeout_seconds: int = Field(86_400, ge=1)
    """How long it waits."""
    changes_in_mlflow: Literal["follow", "refuse"] = "refuse"
    """What becomes of a Production that somebody changes in MLflow itself, by stage or by alias:
    it is taken back, or followed whoever did it. Either is written to the promotion ledger. For
    one version there is `kpi model accept`."""

    # Drift.
    drift_threshold: float = Field(0.1, gt=0)
    """Distance between distributions from which a column drifted; more in small samples."""
    drift_answers_threshold: float = Field(0.05, gt=0)
    """The same for columns of yes or no, whose distances are smaller."""
    drift_missing_threshold: float = Field(0.1, gt=0, le=1)
    """Change of the share of users without a value from which a column drifted."""
    drift_chance: float = Field(0.01, gt=0, lt=1)
    """Share of the weeks in which nothing changed that may show a drifted column all the same."""
    drift_share: float = Field(0.2, gt=0, le=1)
    """Share of drifted columns from which a week counts as drifted."""
    drift_sample: int = Field(25_000, ge=100)
    """Users of each snapshot that the drift report compares."""
    drift_weeks: int = Field(5, ge=1)
    """Weeks that are looked back on for retraining."""
    drift_weeks_to_retrain: int = Field(2, ge=1)
    """Drifted weeks among them, the latest included, that start a training."""

    auc_drop: float = Field(0.03, ge=0, le=1)
    """ROC AUC below that of its holdout, beyond chance, from which Production's scores, measured or
    estimated, ask for a training."""

    keep_deliveries: int = Field(10, ge=1)
    """Earlier deliveries of each file about users that are kept, for trainings."""
    keep_runs: int = Field(10, ge=1)
    """Folders of past runs that are kept."""

    @field_validator("producers")
    @classmethod
    def _are_of_files(cls, value: dict[str, str]) -> dict[str, str]:
        files = [table.name for table in contracted.churn_contract().tables]
        named = {name.upper().removesuffix(".CSV"): producer for name, producer in value.items()}
        if unknown := [name for name in named if name not in files]:
            message = f"{unknown[0]!r} is none of the files {', '.join(files)}"
            raise ValueError(message)
        return {
            name: str(REPOSITORY / Path(producer).expanduser())
            if "/" in producer or producer.endswith((".yaml", ".yml"))
            else producer
            for name, producer in named.items()
        }

    @field_validator("source")
    @classmethod
    def _from_the_project(cls, value: Path) -> Path:
        return REPOSITORY / value
