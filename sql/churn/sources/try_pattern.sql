-- Fails when a pattern is no regular expression.
SELECT regexp_matches('', {pattern})
