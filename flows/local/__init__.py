"""The embedded platform: what a laptop without Docker runs instead of the compose stack."""
