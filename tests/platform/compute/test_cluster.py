"""What a session on a cluster is told: how executors find the run, and no secret."""

import pytest
from pydantic import ValidationError

from flows.platform.compute.cluster import cluster_options
from flows.settings import Settings


def test_executors_find_the_run_where_the_settings_say() -> None:
    behind_a_firewall = Settings(
        spark_driver_host="churn.svc", spark_driver_port=7078, spark_block_manager_port=7079
    )

    options = cluster_options(behind_a_firewall)

    assert options["spark.driver.host"] == "churn.svc"
    assert options["spark.driver.bindAddress"] == "0.0.0.0"  # noqa: S104
    assert options["spark.driver.port"] == "7078"
    assert options["spark.blockManager.port"] == "7079"
    assert not any("host" in name or "port" in name for name in cluster_options(Settings()))


def test_executors_that_come_and_go_begin_with_one() -> None:
    options = cluster_options(Settings(spark_max_executors=8))

    # A run waits for its first executor before it has work for any.
    assert options["spark.dynamicAllocation.initialExecutors"] == "1"
    assert options["spark.dynamicAllocation.maxExecutors"] == "8"
    assert "spark.dynamicAllocation.enabled" not in cluster_options(Settings())


@pytest.mark.parametrize("name", ["spark.hadoop.fs.s3a.secret.key", "spark.authenticate.secret"])
def test_no_secret_is_an_option_that_others_see(name: str) -> None:
    with pytest.raises(ValidationError, match=f"'{name}' is a secret, and options are seen"):
        Settings(spark_options={name: "s3cret"})


def test_what_is_no_option_of_spark() -> None:
    with pytest.raises(ValidationError, match=r"'executor\.memory' is no option of Spark"):
        Settings(spark_options={"executor.memory": "1g"})
