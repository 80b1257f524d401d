-- Not TRUNCATE: concurrent readers keep the calendar of their snapshot.
DELETE FROM dqm.calendar
