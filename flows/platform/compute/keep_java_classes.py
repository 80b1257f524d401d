"""Make the archive of the classes that a training loads: `python -m …keep_java_classes`.

Part of `make install`, and of what tests need. Java writes it when a session ends, so a process of
its own fits a model of a few made-up rows.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flows.platform.compute.java_classes import ARCHIVE, all_classes, java_classes, own_classes
from flows.platform.compute.logistic_minimum import at_minimum
from flows.platform.compute.spark import java_home, spark_session, stop_spark
from flows.platform.storage.prepared_files import prepared
from flows.settings import Settings

_MODULE = "flows.platform.compute.keep_java_classes"
_ROWS = 200


def keep_java_classes(settings: Settings) -> bool:
    """Make the archive unless it is there; return whether later sessions have one.

    Raises KpiError when there is no Java.
    """
    java = java_home(settings)
    # The archive builds on that of Java's own classes, which the launcher has as well.
    own = java_classes(java).of_launcher
    base = own_classes(java) if own else None
    if base is None:
        return False
    kept = all_classes(base)
    return prepared(kept.name, kept.version, partial(_make, own)) is not None


def _make(own: tuple[str, ...], folder: Path) -> None:
    options = (*own, f"-XX:ArchiveClassesAtExit={folder / ARCHIVE}")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", _MODULE, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    (folder / ARCHIVE).stat()  # a Java that wrote none did not say so


def _train(java_options: list[str]) -> None:
    """Read, fit and score as a training does, in a Java that writes the archive as it ends."""
    from pyspark.ml import Pipeline, PipelineModel
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import SQLTransformer, VectorAssembler
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql.functions import col

    with TemporaryDirectory() as home:
        session = spark_session(
            Settings(home=Path(home)), "classes", _ROWS, java_options=java_options
        )
        users = session.range(_ROWS).selectExpr(
            "double(id % 7) AS seen",
            "CASE WHEN id % 3 = 0 THEN 1D ELSE 0D END AS label",
            "1D AS weight",
        )
        users.write.parquet(f"{home}/users")
        pipeline = Pipeline(
            stages=[
                SQLTransformer(statement="SELECT *, log1p(abs(seen)) AS skewed FROM __THIS__"),
                VectorAssembler(inputCols=["seen", "skewed"], outputCol="features"),
                LogisticRegression(regParam=0.01, maxIter=5, weightCol="weight"),
            ]
        )
        rows = session.read.parquet(f"{home}/users").cache()
        model = pipeline.fit(rows)
        fitted: Any
        *makers, fitted = model.stages
        at_minimum(fitted, PipelineModel(makers).transform(rows))
        model.write().save(f"{home}/model")
        model.transform(rows).select(vector_to_array(col("probability"))[1]).toPandas()
        stop_spark()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _train(sys.argv[1:])
    elif not keep_java_classes(Settings()):
        sys.stderr.write("kpi: this installation keeps no classes of Java; Spark starts without.\n")
