"""What is made, seen with AWS's own eyes, and what is not changed or deleted afterwards."""

import json
import re
from typing import Any

import pytest

from tests.terraform.conftest import Hosted
from tests.terraform.terraform_module import GIVEN, as_a_person

pytestmark = pytest.mark.xdist_group("hosted")

EVERYWHERE = "0.0.0.0/0"


def outputs(hosted: Hosted) -> dict[str, Any]:
    """Return what people and Ansible are told."""
    return {name: each["value"] for name, each in hosted.module.json("output", "-json").items()}


def machine(hosted: Hosted) -> dict[str, Any]:
    """Return the one machine as AWS describes it."""
    [reservation] = hosted.aws.client("ec2").describe_instances()["Reservations"]
    [found] = reservation["Instances"]
    assert isinstance(found, dict)
    return found


def opened(permissions: list[dict[str, Any]]) -> set[tuple[str, int, int, str]]:
    """Return protocol, ports and range of each permission of a security group."""
    for each in permissions:
        assert not each.get("Ipv6Ranges")
        assert not each.get("PrefixListIds")
        assert not each.get("UserIdGroupPairs")
    return {
        (each["IpProtocol"], each.get("FromPort", -1), each.get("ToPort", -1), source["CidrIp"])
        for each in permissions
        for source in each["IpRanges"]
    }


def test_a_second_plan_changes_nothing(hosted: Hosted) -> None:
    done = hosted.module.plan()

    assert (done.code, "No changes." in done.said) == (0, True), done.said


def test_nothing_but_the_pages_is_open(hosted: Hosted) -> None:
    network = machine(hosted)["VpcId"]
    groups = {
        group["GroupName"]: group
        for group in hosted.aws.client("ec2").describe_security_groups()["SecurityGroups"]
        if group["VpcId"] == network
    }

    assert set(groups) == {"default", "kpi-platform"}
    assert opened(groups["kpi-platform"]["IpPermissions"]) == {
        ("tcp", 443, 443, "203.0.113.0/24"),
        ("tcp", 80, 80, "203.0.113.0/24"),
    }
    assert opened(groups["kpi-platform"]["IpPermissionsEgress"]) == {
        ("tcp", 443, 443, EVERYWHERE),
        ("tcp", 80, 80, EVERYWHERE),
    }
    assert opened(groups["default"]["IpPermissions"]) == set()
    assert opened(groups["default"]["IpPermissionsEgress"]) == set()


def test_the_machine_is_the_one_that_was_asked_for(hosted: Hosted) -> None:
    found = machine(hosted)
    [group] = found["SecurityGroups"]

    assert found["InstanceType"] == "t3.large"
    assert found["ImageId"] == "ami-0deb13000000amd64"
    assert found["PublicIpAddress"] == outputs(hosted)["address"]
    assert group["GroupName"] == "kpi-platform"
    assert "KeyName" not in found
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert found["MetadataOptions"]["HttpPutResponseHopLimit"] == 1


def test_data_lies_on_an_encrypted_volume_of_its_own(hosted: Hosted) -> None:
    volumes = {
        volume["VolumeId"]: volume
        for volume in hosted.aws.client("ec2").describe_volumes()["Volumes"]
    }
    data = volumes.pop(outputs(hosted)["data_volume_id"])
    [root] = volumes.values()

    assert (data["Encrypted"], data["VolumeType"], data["Size"]) == (True, "gp3", 50)
    assert (root["Encrypted"], root["VolumeType"], root["Size"]) == (True, "gp3", 40)
    [attachment] = data["Attachments"]
    assert attachment["InstanceId"] == machine(hosted)["InstanceId"]


def test_another_system_replaces_the_machine_and_keeps_address_and_data(hosted: Hosted) -> None:
    assert hosted.module.changes(operating_system="ubuntu-24.04") == {
        "aws_instance.platform": "replace",
        "aws_eip_association.platform": "replace",
        "aws_volume_attachment.data": "replace",
        "terraform_data.operating_system": "update",
    }


def test_a_larger_machine_and_larger_volumes_replace_nothing(hosted: Hosted) -> None:
    assert hosted.module.changes(
        instance_type="m7i.xlarge", data_volume_gb="100", root_volume_gb="80"
    ) == {"aws_instance.platform": "update", "aws_ebs_volume.data": "update"}


def test_no_bucket_answers_strangers(hosted: Hosted) -> None:
    s3 = hosted.aws.client("s3")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    mine = [name for name in names if re.match("kpi-(backups|transfers)-", name)]

    assert len(mine) == 2
    for name in mine:
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        assert set(block.values()) == {True}
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
        assert {statement["Effect"] for statement in policy["Statement"]} == {"Deny"}
        [rule] = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        versioning = s3.get_bucket_versioning(Bucket=name).get("Status")
        assert versioning == ("Enabled" if name.startswith("kpi-backups-") else None)


def test_ansible_needs_nothing_but_the_inventory(hosted: Hosted) -> None:
    told = outputs(hosted)

    inventory = hosted.module.json("output", "-json", "ansible_inventory")

    [(name, host)] = inventory["all"]["children"]["platform"]["hosts"].items()
    assert name == "kpi"
    assert host == {
        "ansible_connection": "amazon.aws.aws_ssm",
        "ansible_aws_ssm_instance_id": machine(hosted)["InstanceId"],
        "ansible_aws_ssm_region": GIVEN["region"],
        "ansible_aws_ssm_bucket_name": host["ansible_aws_ssm_bucket_name"],
        "ansible_aws_ssm_bucket_sse_mode": "AES256",
        "ansible_aws_ssm_timeout": "1800",
        "aws_region": GIVEN["region"],
        "data_volume_device": "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"
        + told["data_volume_id"].replace("-", ""),
        "backup_bucket": told["backup_bucket"],
        "backup_dumps": "postgres/",
        "backup_mirror": "files/",
        "proxy_domain": None,
        "proxy_tls": "internal",
        "proxy_address": told["address"],
    }
    assert host["ansible_aws_ssm_bucket_name"].startswith("kpi-transfers-")
    assert told["login"].endswith(machine(hosted)["InstanceId"])


def test_the_budget_writes_to_the_named_address(hosted: Hosted) -> None:
    budgets = hosted.aws.client("budgets")
    of_it = {"AccountId": "123456789012", "BudgetName": "kpi-monthly"}

    limit = budgets.describe_budget(**of_it)["Budget"]["BudgetLimit"]
    assert (float(limit["Amount"]), limit["Unit"]) == (100, "USD")
    notifications = budgets.describe_notifications_for_budget(**of_it)["Notifications"]
    assert {each["NotificationType"] for each in notifications} == {"ACTUAL", "FORECASTED"}
    for each in notifications:
        asked = budgets.describe_subscribers_for_notification(**of_it, Notification=each)
        assert [who["Address"] for who in asked["Subscribers"]] == [GIVEN["alert_email"]]


def test_the_state_holds_no_secret(hosted: Hosted) -> None:
    state = (hosted.module.folder / "terraform.tfstate").read_text()
    secrets = r'"(\w*(?:password|secret|private_key|token)\w*)": *("[^"]+"|[0-9]+|true)'

    # How the machine's metadata is asked for, which is no secret.
    assert re.findall(secrets, state) == [("http_tokens", '"required"')]


def test_data_is_not_deleted_by_mistake(hosted: Hosted) -> None:
    before = hosted.aws.made()

    flags = ("-auto-approve", "-refresh=false")
    done = as_a_person(hosted.module, hosted.aws.environment, "down", *flags)

    assert done.returncode == 1
    assert done.stderr == (
        "kpi: Data and backups are kept from being deleted: docs/hosted.md tells, under Tear down, "
        "how to keep them or to delete them with the rest.\n"
    )
    assert hosted.aws.made() == before
