"""Users at risk: who, how many to contact, and what that is worth."""
