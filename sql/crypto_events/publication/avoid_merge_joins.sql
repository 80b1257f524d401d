-- A merge join would have to sort both sides, because the rows are unordered.
SET LOCAL enable_mergejoin = off
