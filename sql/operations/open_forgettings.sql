-- People who are to be forgotten, of whom a place is still to be searched, and since when.
SELECT count(*) AS lines, min(line.decided_at) AS since
FROM dqm.bt_forgotten AS line
WHERE line.action = 'forgotten'
  AND line.finished_at IS NULL
  AND NOT EXISTS (
      SELECT FROM dqm.bt_forgotten AS later
      WHERE later.person = line.person AND later.decided_at > line.decided_at
  )
