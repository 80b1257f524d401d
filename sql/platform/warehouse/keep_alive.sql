-- As our own connections ask for: load balancers drop what is idle for some minutes, and the
-- pools of MLflow, Prefect and Airflow use drivers that do not ask.
ALTER ROLE {role} SET tcp_keepalives_idle = 60;
ALTER ROLE {role} SET tcp_keepalives_interval = 10;
ALTER ROLE {role} SET tcp_keepalives_count = 6
