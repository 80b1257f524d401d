-- Every day of the years in every spelling, without days that only mean "no date". Timestamps
-- without time zone, because with one a day can be 23 hours long. In the order of the index, which grows at its
-- end then.
INSERT INTO dqm.calendar (form, day)
SELECT DISTINCT to_char(moment, spelling), moment::date
FROM generate_series(
    make_date(%(first_year)s, 1, 1)::timestamp,
    make_date(%(last_year)s, 12, 31)::timestamp,
    '1 day'
) AS moment
CROSS JOIN unnest(%(spellings)s::text[]) AS spelling
WHERE moment::date <> ALL(%(placeholder_dates)s::date[])
ORDER BY 1
