"""An object store of its own process, and Hadoop's connector for it."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

from flows.errors import KpiError
from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.paths import REPOSITORY
from flows.platform.storage.object_store import s3_client
from flows.settings import Settings
from flows.settings.servers import S3Settings

BUCKET = "spark"
# Of requirements/s3a.txt; Spark 3.5's Hadoop is 3.3.4, which this one works with.
CONNECTOR = REPOSITORY / ".venv-s3a"

_JARS = ("hadoop-aws-*.jar", "aws-java-sdk-bundle-*.jar")
_FOLDER = "lib/python*/site-packages/sagemaker_pyspark/jars"
_PATIENCE = 300


def connector(folder: Path = CONNECTOR) -> Path:
    """Return the folder with the two jars that the images have, for `KPI_SPARK_S3A_JARS`.

    Raises KpiError when they are not installed.
    """
    jars = [jar for pattern in _JARS for jar in folder.glob(f"{_FOLDER}/{pattern}")]
    if len(jars) != len(_JARS):
        raise KpiError("Spark's connector for S3 is not installed: make .venv-s3a/.done")
    # The package has others, which do not go with these.
    alone = folder / "jars"
    alone.mkdir(exist_ok=True)
    for jar in jars:
        with suppress(FileExistsError):
            (alone / jar.name).symlink_to(jar.resolve())
    return alone


@contextmanager
def store_process(folder: Path) -> Iterator[S3Settings]:
    """Run an S3 server with one bucket until the block ends; yield what leads to it.

    A process of its own: what it costs is not the run's. Raises KpiError when it does not answer.
    """
    port = free_port()
    s3 = S3Settings(
        endpoint_url=f"http://{LOOPBACK}:{port}",
        access_key_id="somebody",
        secret_access_key=SecretStr(secrets.token_urlsafe()),
    )
    log = folder / "store.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)],
            stdout=output,
            stderr=output,
        )
        try:
            if not wait_until(lambda: "Running on" in log.read_text(), _PATIENCE):
                raise KpiError(f"The object store does not come up: {log} says why.")
            s3_client(Settings(_env_file=None, s3=s3)).create_bucket(Bucket=BUCKET)
            yield s3
        finally:
            process.terminate()
            process.wait()


def settings_of(s3: S3Settings, **options: str) -> dict[str, str]:
    """Return the variables of a run whose cluster reads and writes there, with Spark's options."""
    secret = s3.secret_access_key
    return {
        "KPI_S3__ENDPOINT_URL": str(s3.endpoint_url),
        "KPI_S3__ACCESS_KEY_ID": str(s3.access_key_id),
        "KPI_S3__SECRET_ACCESS_KEY": secret.get_secret_value() if secret else "",
        "KPI_SPARK_SHARED_STORAGE": f"s3a://{BUCKET}/runs",
        "KPI_SPARK_S3A_JARS": str(connector()),
        "KPI_SPARK_OPTIONS": json.dumps(options),
    }


def kept(s3: S3Settings) -> list[str]:
    """Return the keys in the bucket that are files; those that end with / stand for folders."""
    pages = s3_client(Settings(_env_file=None, s3=s3)).get_paginator("list_objects_v2")
    found = [
        item["Key"] for page in pages.paginate(Bucket=BUCKET) for item in page.get("Contents", [])
    ]
    return [key for key in found if not key.endswith("/")]
