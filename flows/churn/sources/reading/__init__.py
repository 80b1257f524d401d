"""How a file is read: its text, the checks of its cells, and where it breaks them."""
