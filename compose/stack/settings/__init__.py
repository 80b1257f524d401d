"""The environment file of the platform: read, made, checked, with passwords of its own."""
