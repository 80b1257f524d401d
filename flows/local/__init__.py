"""The embedded platform, which replaces the compose stack on a laptop without Docker."""
