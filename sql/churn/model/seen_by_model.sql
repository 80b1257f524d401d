-- What Spark's pipeline adds to users: each feature as the model sees it.
SELECT *, {made} FROM __THIS__
