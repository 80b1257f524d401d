"""What runs of churn tell of the data that they read and write."""
