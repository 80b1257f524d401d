"""Whom campaigns contacted because of a score, whom they held out, and what came of it."""
