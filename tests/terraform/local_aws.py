"""An AWS API on loopback, and how it is reached."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import boto3
import httpx

from flows.local.machine import free_port, wait_until

HERE = Path(__file__).parent
PATIENCE = 60
REGION = "eu-central-1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": token_urlsafe()}


@dataclass(frozen=True)
class LocalAws:
    """One AWS account that is empty at first."""

    url: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What leads a program here, and nowhere else."""
        return _CREDENTIALS | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "3",
        }

    def client(self, service: str) -> Any:
        """Return boto3's client of a service."""
        keys = {name.lower(): value for name, value in _CREDENTIALS.items()}
        session = boto3.Session(**keys, region_name=REGION)
        return session.client(service, endpoint_url=self.url)

    def made(self) -> dict[str, list[str]]:
        """Return what costs money or opens doors, by kind; nothing of it is there at first."""
        ec2 = self.client("ec2")
        machines = [
            machine["InstanceId"]
            for reservation in ec2.describe_instances()["Reservations"]
            for machine in reservation["Instances"]
            if machine["State"]["Name"] != "terminated"
        ]
        budgets = self.client("budgets").describe_budgets(AccountId="123456789012")["Budgets"]
        found = {
            "machines": machines,
            "volumes": [each["VolumeId"] for each in ec2.describe_volumes()["Volumes"]],
            "addresses": [each["PublicIp"] for each in ec2.describe_addresses()["Addresses"]],
            "networks": [each["VpcId"] for each in self._networks(ec2)],
            "buckets": [each["Name"] for each in self.client("s3").list_buckets()["Buckets"]],
            "roles": [each["RoleName"] for each in self.client("iam").list_roles()["Roles"]],
            "budgets": [each["BudgetName"] for each in budgets],
        }
        return {kind: names for kind, names in found.items() if names}

    def _networks(self, ec2: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ec2.describe_vpcs()["Vpcs"]
        return [each for each in found if not each["IsDefault"]]

    def answers(self) -> bool:
        """Return whether it is there."""
        try:
            return httpx.get(f"{self.url}/moto-api/").is_success
        except httpx.TransportError:
            return False


@contextmanager
def local_aws(log: Path) -> Iterator[LocalAws]:
    """Run one until the block ends."""
    port = free_port()
    images = {"MOTO_AMIS_PATH": str(HERE / "machine_images.json")}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, HERE / "aws_api.py", str(port)],
            env=os.environ | images,
            stdout=output,
            stderr=output,
        )
        try:
            aws = LocalAws(f"http://127.0.0.1:{port}")
            assert wait_until(aws.answers, PATIENCE), log.read_text()
            yield aws
        finally:
            process.terminate()
            process.wait(PATIENCE)
