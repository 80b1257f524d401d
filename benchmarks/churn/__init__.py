"""The churn pipeline's features and model, compared with other engines."""
