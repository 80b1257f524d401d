"""Crypto events: from raw rows to the published table, one module a step."""
