"""Whether scores were right, and what the campaigns did."""
