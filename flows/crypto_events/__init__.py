"""Crypto events: from raw rows to the published table, one module per step."""
