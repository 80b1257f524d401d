"""What MLflow keeps of a model: its versions, what a training logged, its page and pictures."""
