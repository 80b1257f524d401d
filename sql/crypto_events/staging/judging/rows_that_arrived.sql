-- Which raw rows came in the statements that were picked; none of them is judged.
raw_id = ANY(ARRAY(SELECT raw_id FROM unjudged))
