"""By which keys a backup reads the platform's store: its own, the common ones, or a role's."""

import os
import subprocess
from pathlib import Path

import pytest

from flows.paths import REPOSITORY

COMMON = REPOSITORY / "ansible/roles/backup/files/common.sh"
OWN = "S3_BACKUP_ACCESS_KEY_ID=own\nS3_BACKUP_SECRET_ACCESS_KEY=secret-of-own\n"
COMMON_ONES = "S3_ACCESS_KEY_ID=common\nS3_SECRET_ACCESS_KEY=secret-of-common\n"
NONE = "S3_ACCESS_KEY_ID=\nS3_SECRET_ACCESS_KEY=\n"
MINIO = "S3_ENDPOINT_URL=http://minio:9000\nMINIO_PORT=9001\n"
AWS = "S3_ENDPOINT_URL=\n"


def asks_by(settings: str, folder: Path) -> dict[str, str]:
    """What rclone is told of the store with these settings of the platform."""
    file = folder / "platform.env"
    file.write_text(f"{settings}S3_REGION=eu-central-1\nS3_BUCKET_PREFIX=acme-\n")
    given = {
        "PLATFORM_ENVIRONMENT_FILE": str(file),
        "BACKUP_BUCKET": "backups",
        "BACKUP_DUMPS": "postgres/",
        "BACKUP_MIRROR": "files/",
    }
    said = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f". {COMMON}; env"],
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = dict(line.partition("=")[::2] for line in said.splitlines())
    start = "RCLONE_CONFIG_STORE_"
    return {name.removeprefix(start): told[name] for name in told if name.startswith(start)}


@pytest.mark.parametrize(
    ("settings", "key", "by_role", "provider"),
    [
        (MINIO + OWN + COMMON_ONES, "own", "false", "Other"),
        (MINIO + COMMON_ONES, "common", "false", "Other"),
        (AWS + COMMON_ONES, "common", "false", "AWS"),
        (AWS + NONE, "", "true", "AWS"),
    ],
)
def test_a_store_without_keys_is_asked_by_the_machines_role(
    settings: str, key: str, by_role: str, provider: str, tmp_path: Path
) -> None:
    told = asks_by(settings, tmp_path)

    assert told["ACCESS_KEY_ID"] == key
    assert told["SECRET_ACCESS_KEY"] == (f"secret-of-{key}" if key else "")
    assert told["ENV_AUTH"] == by_role
    assert told["PROVIDER"] == provider
