"""Training on a Spark cluster and on one machine: whether both find the same."""
