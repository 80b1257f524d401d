"""To drive the app in a browser: what tests, the benchmark and the pictures share."""
