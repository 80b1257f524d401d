ANALYZE unjudged
