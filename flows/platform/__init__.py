"""Adapters to external systems: warehouse, artifacts, notifications, orchestrator."""
