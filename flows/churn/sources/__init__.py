"""The five CSV files: their contract, what is delivered, and what changed."""
