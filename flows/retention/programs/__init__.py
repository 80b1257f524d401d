"""What other programs keep, and remove when they are asked: MLflow and Prefect."""
