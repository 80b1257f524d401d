(-- The rows of a part's users.
 SELECT * FROM {rows} WHERE user_id BETWEEN {first_user} AND {last_user})
