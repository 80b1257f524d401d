"""Airflow's logs expire in their bucket: the one rule there that is ours."""

import logging
from typing import TYPE_CHECKING, Any

from flows.platform.storage.object_store import bucket, s3_client, s3_errors
from flows.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

LOGS_OF_AIRFLOW = "airflow-logs"
_OURS = "kpi-retention"
_CANNOT = ("NotImplemented", "MethodNotAllowed", "501", "405")


def let_airflows_logs_expire(settings: Settings) -> None:
    """Set the rule where retention removes, take it away where it only tells.

    The bucket may be somebody's own: rules of other names stay. Raises KpiError when the store
    refuses; one that lets nothing expire is told in a warning.
    """
    from botocore.exceptions import ClientError

    name = bucket(settings, LOGS_OF_AIRFLOW)
    days = settings.retention.airflow_logs_days
    removes = settings.retention.mode == "prune"
    with s3_errors(settings, name):
        client = s3_client(settings)
        try:
            found = _rules(client, name)
            wanted = [rule for rule in found if rule.get("ID") != _OURS]
            if removes:
                wanted.append(_rule(days))
            if wanted != found:
                _set(client, name, wanted)
        except ClientError as error:
            # Not every store that speaks S3 lets files expire.
            if error.response["Error"]["Code"] not in _CANNOT:
                raise
            if removes:
                logger.warning(
                    "The store lets no files expire: nothing deletes what is in %s for more than "
                    "%s days.",
                    name,
                    days,
                )
            return
    if not removes:
        logger.info(
            "With KPI_RETENTION__MODE=prune, what is in %s for more than %s days would expire.",
            name,
            days,
        )


def _rules(client: "S3Client", name: str) -> list[Any]:
    from botocore.exceptions import ClientError

    try:
        return client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
            return []
        raise


def _set(client: "S3Client", name: str, rules: list[Any]) -> None:
    if rules:
        client.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": rules}
        )
    else:
        client.delete_bucket_lifecycle(Bucket=name)


def _rule(days: int) -> dict[str, Any]:
    return {
        "ID": _OURS,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": days},
    }
