"""Variables that people set for other tools, each of which would break ours if we obeyed it."""

NOBODY = "http://127.0.0.1:9"

FOREIGN = {
    "ALL_PROXY": NOBODY,
    "HADOOP_CONF_DIR": "/nowhere/hadoop",
    "HTTPS_PROXY": NOBODY,
    "HTTP_PROXY": NOBODY,
    "JAVA_HOME": "/nowhere/java",
    "MLFLOW_EXPERIMENT_NAME": "another",
    "MLFLOW_REGISTRY_URI": NOBODY,
    "MLFLOW_RUN_ID": "0123456789abcdef0123456789abcdef",
    "MLFLOW_TRACKING_URI": NOBODY,
    "PGCLIENTENCODING": "LATIN1",
    "PGHOSTADDR": "127.0.0.2",
    "PGSERVICE": "another",
    "PGSSLMODE": "require",
    "PGTZ": "Asia/Tokyo",
    "PREFECT_API_KEY": "another",
    "PREFECT_PROFILE": "another",
    "PREFECT_UI_API_URL": f"{NOBODY}/api",
    "PYSPARK_PYTHON": "/nowhere/python",
    "PYSPARK_SUBMIT_ARGS": "--master yarn pyspark-shell",
    "SPARK_CONF_DIR": "/nowhere/spark/conf",
    "SPARK_HOME": "/nowhere/spark",
    "STREAMLIT_SERVER_BASE_URL_PATH": "another",
    "WEB_CONCURRENCY": "4",
}
