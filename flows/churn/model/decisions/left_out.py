"""A model without the sensitive features that the settings leave out.

A model that was trained with them still needs a value. Every user gets the mean of the training
users, so that the feature adds nothing to anybody, and is not read at all. Missing would be no
such value: whether it is missing may itself add to the log-odds.
"""

from dataclasses import replace

from flows.churn.features.definitions import SENSITIVE, used_features
from flows.churn.model.kinds.boosted_trees import BoostedTrees, Input, Leaf, Node, Split
from flows.churn.model.model_document import ServedModel
from flows.churn.model.registered_model import LinearModel
from flows.settings.churn import ChurnSettings


def left_out_of(churn: ChurnSettings, model: ServedModel) -> list[str]:
    """Return the features that the model was trained with and that are left out by now."""
    used = used_features(churn)
    return [name for name in model.feature_names if name in SENSITIVE and name not in used]


def without(model: ServedModel, names: list[str]) -> ServedModel:
    """Return the model that reads none of these features: each user counts as the average one."""
    if isinstance(model, LinearModel):
        return _linear(model, names)
    # BG/NBD reads nothing but days of payments.
    return _trees(model, names) if isinstance(model, BoostedTrees) else model


def _linear(model: LinearModel, names: list[str]) -> LinearModel:
    left_out = [term for term in model.terms if term.feature in names]
    return replace(
        model,
        terms=tuple(term for term in model.terms if term not in left_out),
        intercept=model.intercept + sum(term.coefficient * term.mean for term in left_out),
    )


def _trees(model: BoostedTrees, names: list[str]) -> BoostedTrees:
    kept = [place for place, each in enumerate(model.inputs) if each.feature not in names]
    places = {before: now for now, before in enumerate(kept)}
    return replace(
        model,
        inputs=tuple(model.inputs[place] for place in kept),
        trees=tuple(_answered(tree, model.inputs, places) for tree in model.trees),
    )


def _answered(node: Node, inputs: tuple[Input, ...], places: dict[int, int]) -> Node:
    """Return the tree whose questions about other inputs are answered for the average user."""
    if isinstance(node, Leaf):
        return node
    if node.input not in places:
        asked = inputs[node.input]
        average = 0.0 if asked.unknown else asked.mean
        return _answered(node.yes if average <= node.at_most else node.no, inputs, places)
    yes, no = (_answered(each, inputs, places) for each in (node.yes, node.no))
    return Split(places[node.input], node.at_most, yes, no)
