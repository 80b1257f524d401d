"""Which version is Production: MLflow's stage, its alias and the ledger, kept as one truth."""
