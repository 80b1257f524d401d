"""Validate the raw rows and the candidate with Great Expectations."""
