-- Features in a fixed order, so that the same sources make the same file.
SELECT * FROM ({features}) ORDER BY user_id
