"""Ask what runs in the containers: over HTTP, of Airflow, and from inside of one."""
