"""A file of users, read and scored for the page."""
