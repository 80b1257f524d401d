"""The churn pipeline's features and model beside other engines."""
