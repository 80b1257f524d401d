"""The window read, parsed and judged: the candidate."""
