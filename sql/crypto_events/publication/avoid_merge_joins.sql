-- A merge join would sort both sides; the rows arrive in no order.
SET LOCAL enable_mergejoin = off
