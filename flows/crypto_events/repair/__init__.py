"""Backfills, replays, previews, and rejected rows corrected or dismissed."""
