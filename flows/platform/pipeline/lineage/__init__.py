"""What each run read and wrote, told as OpenLineage events."""
