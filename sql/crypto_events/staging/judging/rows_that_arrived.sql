-- Which raw rows came in the statements that were picked.
raw_id = ANY(ARRAY(SELECT raw_id FROM unjudged))
