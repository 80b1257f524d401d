"""How a pipeline is declared, run without an orchestrator, and reported."""
