"""Backfills, replays, previews, and correcting or dismissing rejected rows."""
