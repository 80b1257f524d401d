"""Data Docs whose pages hold all that they need, so that they open without network."""
