"""Forgetting a person: a module for each kind of place, and what goes through all of them."""
