-- Only a superuser may make a database for a role that it is no member of.
GRANT {role} TO CURRENT_USER {options}
