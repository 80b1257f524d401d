-- How much two feature tables differ, column by column; 'inf' where only one has a value.
SELECT count(*) AS users, count(mine.user_id) AS in_mine, count(theirs.user_id) AS in_theirs,
       {differences}
FROM {mine} AS mine FULL JOIN {theirs} AS theirs USING (user_id)
