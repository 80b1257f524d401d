"""What is seen of the platform from outside: `kpi check` and the metrics."""
