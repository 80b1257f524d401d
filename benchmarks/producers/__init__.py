"""What it costs to read a file of churn as its producer writes it."""
