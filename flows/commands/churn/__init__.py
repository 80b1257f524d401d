"""Commands about churn."""
