"""The rules of the churn contract tried on single texts: constants, and examples."""
