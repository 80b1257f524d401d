-- No TRUNCATE: whoever reads the calendar now keeps the one it began with.
DELETE FROM dqm.calendar
