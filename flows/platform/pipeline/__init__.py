"""How a pipeline is declared, run by itself, and told about."""
