ANALYZE dqm.calendar
