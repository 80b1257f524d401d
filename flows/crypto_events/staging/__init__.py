"""Build the candidate: read, parse and check the window's raw rows."""
