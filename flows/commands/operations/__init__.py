"""Commands that run and repair the platform."""
