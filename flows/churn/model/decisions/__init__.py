"""From a probability to a decision: whom a campaign contacts, and what that finds."""
