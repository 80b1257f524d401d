"""Made-up customers, written as the five CSV files."""
