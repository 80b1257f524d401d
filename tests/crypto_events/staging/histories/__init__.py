"""Random histories: a run that judges only what changed ends as one that judges all."""
