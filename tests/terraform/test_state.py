"""The state in a bucket, for more than one person."""

import json
import shutil
from collections.abc import Iterator

import pytest

from tests.terraform.conftest import Hosted
from tests.terraform.local_aws import REGION
from tests.terraform.terraform_module import SOURCE, Module

pytestmark = pytest.mark.xdist_group("hosted")

KEY = "kpi/terraform.tfstate"


@pytest.fixture(scope="module")
def bucket(hosted: Hosted) -> Iterator[str]:
    """A bucket as docs/hosted.md makes it; it is deleted afterwards."""
    s3 = hosted.aws.client("s3")
    name = "somebodys-terraform-state"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield name
    for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture(scope="module")
def shared(hosted: Hosted, bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Module:
    """The module of a second person, after the state was moved to the bucket."""
    folder = tmp_path_factory.mktemp("shared") / "terraform"
    shutil.copytree(hosted.module.folder, folder, symlinks=True)
    shutil.copy(SOURCE / "backend.s3.tf.example", folder / "backend.tf")
    module = Module(folder, hosted.aws.environment)
    done = module.run(
        *("init", "-input=false", "-no-color", "-migrate-state", "-force-copy"),
        *(f"-backend-config=bucket={bucket}", f"-backend-config=region={REGION}"),
    )
    assert done.code == 0, done.said
    return module


def test_the_state_moves_to_the_bucket(hosted: Hosted, shared: Module, bucket: str) -> None:
    stored = hosted.aws.client("s3").get_object(Bucket=bucket, Key=KEY)

    assert len(json.load(stored["Body"])["resources"]) > 20
    assert (shared.folder / "terraform.tfstate").read_text() == ""
    done = shared.plan("-refresh=false")
    assert done.code == 0, done.said
    # What locked it while the plan was made is gone.
    left = hosted.aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in left] == [KEY]


def test_whoever_comes_second_is_told_who_holds_it(
    hosted: Hosted, shared: Module, bucket: str
) -> None:
    held = {"ID": "1", "Who": "ada@laptop", "Operation": "OperationTypeApply", "Path": KEY}
    body = json.dumps(held).encode()
    hosted.aws.client("s3").put_object(Bucket=bucket, Key=f"{KEY}.tflock", Body=body)

    done = shared.apply()

    assert done.code == 1
    assert "Error acquiring the state lock" in done.said
    assert "ada@laptop" in done.said
