"""Whether the users of a day differ from those of the weeks before."""
