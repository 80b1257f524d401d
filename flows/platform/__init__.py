"""Adapters to the outside: settings, warehouse, artifacts, notifications, orchestrator."""
