"""Churn: who will stop paying, from five files to a promoted model, one module a step."""
