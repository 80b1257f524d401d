"""The sub-commands of `kpi`, one module a subject."""
