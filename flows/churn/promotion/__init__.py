"""Whether a candidate becomes Production, and the way back."""
