"""The scoring's steps in their order: plain functions of settings and run."""

from flows.churn.features.build_current_snapshot import build_current_snapshot
from flows.churn.model.score_users import score_users

__all__ = ["build_current_snapshot", "score_users"]
