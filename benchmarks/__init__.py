"""Measurements of speed and scale; they report, they do not judge."""
