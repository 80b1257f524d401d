-- Made-up payments in a form: names of the columns, delimiter, decimal sign, and form of days.
COPY (
    SELECT strftime(DATE '2026-01-01' + CAST(row % 180 AS INTEGER), '{day}'), row % 500,
           100000 + row * 7919 % 200000, replace(format('{{:.2f}}', row % 90000 / 100), '.', '{point}'),
           CASE row % 5 WHEN 0 THEN 'Instore' WHEN 1 THEN 'Utilities' WHEN 2 THEN 'Recargas ñ'
                        WHEN 3 THEN 'Transport' ELSE 'TopUps' END,
           CASE row % 4 WHEN 0 THEN replace('1.50', '.', '{point}') END
    FROM range({rows}) AS numbers(row)
) TO '{file}' (FORMAT csv, HEADER false, DELIMITER '{delimiter}')
