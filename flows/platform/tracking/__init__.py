"""MLflow: experiments and the model registry."""
