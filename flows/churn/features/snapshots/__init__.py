"""The users of a day, for scores and drift, and those of the weeks before."""
