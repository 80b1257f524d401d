-- Which raw rows came in the statements that were picked.
raw_id IN (SELECT raw_id FROM unjudged)
