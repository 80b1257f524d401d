"""How long data is kept: what is older goes, and what that was is written down."""
