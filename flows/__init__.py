"""KPI Delivery: validated crypto events and churn scores, as Prefect 2 flows."""
