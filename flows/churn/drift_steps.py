"""The drift monitor's steps in their order: plain functions of settings and run."""

from flows.churn.drift.log_drift_result import log_drift_result
from flows.churn.drift.run_drift_report import run_drift_report
from flows.churn.features.build_current_snapshot import build_current_snapshot

__all__ = ["build_current_snapshot", "log_drift_result", "run_drift_report"]
