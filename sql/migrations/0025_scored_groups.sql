-- What the app offers to choose among the users of a scored day, without reading them all. Runs on
-- PostgreSQL 15 to 18.

CREATE TABLE prod.bt_churn_scored_groups (
    as_of date NOT NULL,
    kind  text NOT NULL CHECK (kind IN ('segment', 'city')),
    name  text NOT NULL,
    users bigint NOT NULL,
    PRIMARY KEY (as_of, kind, name)
);
COMMENT ON TABLE prod.bt_churn_scored_groups IS
'Segments and cities of the users of a scored day, of each kind the 200 with most users; no person is in it
Written by: score_users, prune_warehouse
Read by: the app, people';
COMMENT ON COLUMN prod.bt_churn_scored_groups.as_of IS 'The day of the scores';
COMMENT ON COLUMN prod.bt_churn_scored_groups.kind IS 'segment or city';
COMMENT ON COLUMN prod.bt_churn_scored_groups.name IS 'Its name, as the column of that kind in prod.bt_churn_scores has it';
COMMENT ON COLUMN prod.bt_churn_scored_groups.users IS 'How many users of the day it had when they were scored';

-- The app shows the last day: its scores may be from before this was kept.
INSERT INTO prod.bt_churn_scored_groups (as_of, kind, name, users)
SELECT as_of, kind, name, users
FROM (
    SELECT as_of, CASE WHEN grouping(segment) = 0 THEN 'segment' ELSE 'city' END AS kind,
           coalesce(segment, city) AS name, count(*) AS users,
           row_number() OVER (
               PARTITION BY grouping(segment) ORDER BY count(*) DESC, coalesce(segment, city)
           ) AS place
    FROM prod.bt_churn_scores
    WHERE as_of = (SELECT max(as_of) FROM prod.bt_churn_scores)
    GROUP BY GROUPING SETS ((as_of, segment), (as_of, city))
    HAVING coalesce(segment, city) IS NOT NULL
) AS ranked
WHERE place <= 200;
