"""An object store on this machine that speaks S3 over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from threading import Thread
from typing import TYPE_CHECKING

from pydantic import SecretStr

from flows.local.machine import POLL_SECONDS
from flows.platform.storage.object_store import s3_client
from flows.settings import Settings
from flows.settings.servers import S3Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@contextmanager
def s3_endpoint(
    *buckets: str, secret: str | None = None, address: str = "127.0.0.1"
) -> Iterator[S3Settings]:
    """Run a store with these buckets until the block ends; yield what leads to it.

    Its secret key is made up, unless one is given to be looked for. It is on loopback, unless an
    address is given by which others reach this machine.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    # As moto's own server does, which takes half a second to stop.
    server = make_server(address, 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
    thread.start()
    try:
        s3 = S3Settings(
            endpoint_url=f"http://{address}:{server.server_port}",
            access_key_id="somebody",
            secret_access_key=SecretStr(secret or token_urlsafe()),
        )
        client = client_of(s3)
        for bucket in buckets:
            client.create_bucket(Bucket=bucket)
        try:
            yield s3
        finally:
            # It would be remembered by the next store of this process.
            for bucket in buckets:
                for key in content(s3, bucket):
                    client.delete_object(Bucket=bucket, Key=key)
                client.delete_bucket(Bucket=bucket)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client_of(s3: S3Settings) -> "S3Client":
    """Return a client of the store."""
    return s3_client(Settings(s3=s3))


def content(s3: S3Settings, bucket: str) -> dict[str, bytes]:
    """Return what the bucket holds, by key."""
    client = client_of(s3)
    return {
        key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys(s3, bucket)
    }


def keys(s3: S3Settings, bucket: str) -> list[str]:
    """Return the keys that the bucket holds, in their order."""
    pages = client_of(s3).get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]
