"""Files and fake history on their way into the raw table."""
