"""The environment file of the platform."""
