"""The Production model: loading it, scoring with it, and explaining its scores."""
