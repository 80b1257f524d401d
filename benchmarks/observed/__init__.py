"""What it costs a run to be seen: lineage on and off, in one go; and what a scrape costs."""
