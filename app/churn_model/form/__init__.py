"""The form of one user: its fields, what is usual, and what fits together."""
