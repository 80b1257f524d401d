"""Who reaches whom in the platform's networks: one table for the file and for what runs."""

# The ports that a service answers on.
PORTS = {
    "postgres": (5432,),
    "minio": (9000, 9001),
    "prefect": (4200,),
    "worker": (4290,),
    "mlflow": (5000,),
    "app": (8601,),
    "metrics": (9464,),
    "spark-master": (7077, 8082),
    "spark-worker": (8081,),
    "redis": (6379,),
    "airflow-api": (8080,),
    "airflow-scheduler": (8974,),
    "airflow-worker": (8793,),
    "jupyter": (8888,),
    "pgadmin": (8081,),
}

# Whom a service asks.
NEEDS: dict[str, set[str]] = {
    "airflow-api": {"airflow-worker", "minio", "postgres"},
    "airflow-dag-processor": {"airflow-api", "postgres"},
    "airflow-retention": {"postgres"},
    "airflow-scheduler": {"airflow-api", "postgres", "redis"},
    "airflow-worker": {"airflow-api", "minio", "mlflow", "postgres", "redis", "spark-master"},
    "app": {"minio", "mlflow", "postgres"},
    "jupyter": {"mlflow", "postgres", "spark-master"},
    "metrics": {"postgres", "prefect"},
    "minio": set(),
    "mlflow": {"minio", "postgres"},
    "pgadmin": {"postgres"},
    "postgres": set(),
    "prefect": {"postgres"},
    "redis": set(),
    "spark-master": set(),
    "spark-worker": {"spark-master"},
    "worker": {"minio", "mlflow", "postgres", "prefect", "spark-master"},
}

# Who stands in a network with another and asks it nothing: a network has no direction.
_AIRFLOW = {"airflow-api", "airflow-dag-processor", "airflow-scheduler", "airflow-worker"}
_SPARK = {"airflow-worker", "jupyter", "spark-worker", "worker"}
BESIDE: dict[str, set[str]] = {
    "airflow-api": _AIRFLOW,
    "airflow-dag-processor": {*_AIRFLOW, "minio"},
    "airflow-retention": set(),
    "airflow-scheduler": {*_AIRFLOW, "minio"},
    "airflow-worker": {*_AIRFLOW, *_SPARK},
    "app": set(),
    "jupyter": _SPARK,
    "metrics": set(),
    "minio": {*_AIRFLOW, "app", "mlflow", "postgres", "worker"},
    "mlflow": {"airflow-worker", "app", "jupyter", "worker"},
    "pgadmin": set(),
    "postgres": {
        *_AIRFLOW,
        *("airflow-retention", "app", "jupyter", "metrics", "minio", "mlflow", "pgadmin"),
        *("prefect", "worker"),
    },
    "prefect": {"metrics", "worker"},
    "redis": {"airflow-scheduler", "airflow-worker"},
    "spark-master": _SPARK,
    "spark-worker": _SPARK,
    "worker": _SPARK,
}

# Who has a way out of the platform, where every server is its own: runs send notifications.
OUTSIDE = {"airflow-worker", "worker"}


def may_reach(service: str) -> set[str]:
    """Whom it reaches by a network that both are in."""
    return (NEEDS[service] | BESIDE[service]) - {service}
