-- The number of cells that break a rule, and the first three of them.
SELECT count(*) AS cells, min_by(row, row, 3) AS first_rows, min_by(cell, row, 3) AS first_cells
FROM (SELECT row, coalesce({cell}, '') AS cell
      FROM (SELECT row, {cell}, {value} FROM ({source}))
      WHERE {broken})
