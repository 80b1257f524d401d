"""The watchdog's steps in their order: plain functions of settings and run."""

from flows.churn.sources.detect_source_changes import detect_source_changes
from flows.churn.sources.emit_source_update import emit_source_update

__all__ = ["detect_source_changes", "emit_source_update"]
