"""What was delivered, of which days it tells, and what earlier deliveries told."""
