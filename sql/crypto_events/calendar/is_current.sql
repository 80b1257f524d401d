-- Whether dqm.calendar is filled for this contract.
SELECT EXISTS (SELECT FROM dqm.calendar)
   AND EXISTS (
       SELECT FROM dqm.calendar_contract
       WHERE date_format = %(date_format)s
         AND first_year = %(first_year)s
         AND last_year = %(last_year)s
         AND placeholder_dates = %(placeholder_dates)s::date[]
   ) AS is_current
