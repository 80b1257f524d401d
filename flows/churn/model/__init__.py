"""Fitting with Spark, measuring, logging in MLflow, and scoring without Java."""
