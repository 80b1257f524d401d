-- The users of a checked file, in its order.
FROM {source}
