"""How a producer's own file becomes a contract's columns."""
