"""Benchmarks of speed and scale; they only report."""
