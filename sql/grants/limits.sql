-- Connections are the server's to count. The others are what a session begins with: it may set them
-- anew, and its rights stay. A transaction that was left open ends before a run gives up waiting for it.
ALTER ROLE {role} CONNECTION LIMIT 20;
ALTER ROLE {role} SET default_transaction_read_only = on;
ALTER ROLE {role} SET statement_timeout = '5min';
ALTER ROLE {role} SET lock_timeout = '10s';
ALTER ROLE {role} SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE {role} SET idle_session_timeout = '1h'
