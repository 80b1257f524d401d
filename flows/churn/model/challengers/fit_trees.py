"""Gradient-boosted trees fitted with Spark ML, and the same trees as data."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from flows.churn.features.definitions import feature
from flows.churn.model.kinds.boosted_trees import BoostedTrees, Input, Leaf, Node, Split
from flows.churn.model.metrics import quality

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.ml import PipelineModel

    from flows.churn.model.metrics import Labels, Vector
    from flows.churn.model.spark_fit import PreparedUsers

MOST_TREES = 60
# A tree of depth three asks at most seven questions. Four to eight leaves work well: Hastie,
# Tibshirani and Friedman, "The Elements of Statistical Learning" (2009), section 10.11.
_DEPTH = 3
_SHRINKAGE = 0.1
_FEWEST_IN_A_LEAF = 20
# Spark's margin is half of the log-odds: its loss is 2 log(1 + exp(-2 y F)), with y of -1 and 1.
_LOG_ODDS = 2.0


def fit_trees(
    prepared: "PreparedUsers", trees: int, seed: int, where: str = "true"
) -> tuple["PipelineModel", BoostedTrees]:
    """Fit on the prepared users that `where` selects; return Spark's pipeline and the same trees.

    Neither is calibrated. Who speaks for several weighs so many times as much. Classes are not
    weighted: calibration follows.
    """
    from pyspark.ml import PipelineModel
    from pyspark.ml.classification import GBTClassifier

    from flows.churn.model.spark_fit import SPEAKS_FOR

    fitted = GBTClassifier(
        maxIter=trees,
        maxDepth=_DEPTH,
        stepSize=_SHRINKAGE,
        minInstancesPerNode=_FEWEST_IN_A_LEAF,
        seed=seed,
        weightCol=SPEAKS_FOR,
    ).fit(prepared.rows.where(where))
    model = BoostedTrees(
        inputs=(
            *(_input(prepared, name) for name in prepared.seen.names),
            *(replace(_input(prepared, name), unknown=True) for name in prepared.seen.missing),
        ),
        trees=tuple(
            _node(tree._java_obj.rootNode(), weight * _LOG_ODDS)
            for tree, weight in zip(fitted.trees, fitted.treeWeights, strict=True)
        ),
        slope=1.0,
        intercept=0.0,
        threshold=0.5,
    )
    return PipelineModel([*prepared.stages, fitted]), model


def best_number(
    model: BoostedTrees, users: "pd.DataFrame", churned: "Labels", weight: "Vector | None" = None
) -> int:
    """Return how many of the trees, from the first, have the least log-loss on these users."""
    total = np.zeros(len(users))
    losses = []
    for tree in model.trees:
        total += replace(model, trees=(tree,)).sums(users)
        losses.append(quality(churned, 1 / (1 + np.exp(-total)), weight).log_loss)
    return int(np.argmin(losses)) + 1


def _input(prepared: "PreparedUsers", name: str) -> Input:
    return Input(name, feature(name).skewed, prepared.seen.means[name])


def _node(java: Any, weight: float) -> Node:
    # Spark's Python has no way into a tree; the JVM has.
    if java.subtreeDepth() == 0:
        return Leaf(java.prediction() * weight, float(java.impurityStats().rawCount()))
    split = java.split()
    return Split(
        input=split.featureIndex(),
        at_most=split.threshold(),
        yes=_node(java.leftChild(), weight),
        no=_node(java.rightChild(), weight),
    )
