-- Record the contract that dqm.calendar is filled for.
INSERT INTO dqm.calendar_contract (date_format, first_year, last_year, placeholder_dates)
VALUES (%(date_format)s, %(first_year)s, %(last_year)s, %(placeholder_dates)s::date[])
ON CONFLICT (only_row) DO UPDATE SET
    date_format = excluded.date_format,
    first_year = excluded.first_year,
    last_year = excluded.last_year,
    placeholder_dates = excluded.placeholder_dates
