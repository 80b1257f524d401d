"""The watchdog's steps: how the files differ from the last event, and the event."""
