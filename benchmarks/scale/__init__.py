"""How the cost of each step grows, and whether that says what a much larger size costs."""
