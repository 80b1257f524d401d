"""Contracts are files of the Open Data Contract Standard: read here, once, with their lines."""
