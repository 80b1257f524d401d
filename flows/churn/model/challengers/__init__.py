"""The kinds of model that a training may try beside each other, and how the best is chosen."""
