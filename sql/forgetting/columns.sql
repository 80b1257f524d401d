-- The columns of the database that is searched, whichever version made it.
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()
