"""The platform in containers."""
