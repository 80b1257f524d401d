-- Every day of the years in every spelling, each text once, without days that only mean "no date". Timestamps
-- without time zone, because with one a day can be 23 hours long. In the order of the index, which grows at its
-- end then.
INSERT INTO dqm.calendar (form, day)
SELECT to_char(moment, spelling.form), moment::date
FROM unnest(%(spellings)s::text[], %(last_days)s::int[], %(last_months)s::int[])
    AS spelling (form, last_day, last_month)
CROSS JOIN generate_series(
    make_date(%(first_year)s, 1, 1)::timestamp,
    make_date(%(last_year)s, 12, 31)::timestamp,
    '1 day'
) AS moment
WHERE date_part('day', moment) <= last_day
  AND date_part('month', moment) <= last_month
  AND moment::date <> ALL(%(placeholder_dates)s::date[])
ORDER BY 1
