"""Commands about crypto events."""
