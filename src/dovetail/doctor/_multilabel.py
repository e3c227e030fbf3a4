"""Is a row given several labels, or exactly one? Only what can be seen counts."""

import re
from typing import TYPE_CHECKING

from dovetail.doctor._facts import LossUse
from dovetail.doctor._values import Tensor, options_of

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

_NAMED = re.compile(
    r"multi[-_ ]?label|multi[-_ ]?hot|MultiLabelBinarizer|\b(n|num|all)_tags\b", re.I
)
_SEVERAL = re.compile(
    r"(^|_)(tags|genres|attributes|attrs|topics|pathologies|symptoms|emotions|multi)",
    re.I,
)


def multi_label_scores(project: "Project") -> dict[object, LossUse]:
    """Layers whose scores meet targets of several labels, with one use of the loss."""
    found: dict[object, LossUse] = {}
    single: set[object] = set()
    rows = argmaxed_targets(project)
    for use in project.facts.uses_of(["bce_logits", "bce"]):
        for option in options_of(use.prediction):
            layer = option
            if isinstance(layer, Tensor) and layer.op == "sigmoid":
                layer = layer.of or layer
            if not isinstance(layer, Tensor) or layer.op != "linear":
                continue
            if layer.node is None or layer.width == 1:
                continue
            named = {getattr(t, "name", "") for t in options_of(use.target)}
            if _is_one_hot(use):
                single.add(layer.node)
            elif _has_several(use) or named & rows:
                found.setdefault(layer.node, use)
    for use in project.facts.uses_of(["ce", "nll"]):
        for option in options_of(use.prediction):
            if isinstance(option, Tensor) and option.op == "linear":
                single.add(option.node)
    return {node: use for node, use in found.items() if node not in single}


def one_hot_scores(project: "Project") -> set[object]:
    """Layers whose scores meet one-hot targets."""
    return {
        option.node
        for use in project.facts.uses_of(["bce_logits"])
        if _is_one_hot(use)
        for option in options_of(use.prediction)
        if isinstance(option, Tensor)
    }


def softmaxes_decided(project: "Project", kind: str) -> set[object]:
    """Nodes of softmaxes that are compared with a number, or of which one is taken."""
    return {
        option.node
        for decision in project.facts.decisions
        if decision.kind == kind
        for option in options_of(decision.value)
        if isinstance(option, Tensor) and option.op == "softmax"
        if "indexed" not in option.traits
    }


def _is_one_hot(use: LossUse) -> bool:
    return any(
        isinstance(t, Tensor) and t.op == "onehot" for t in options_of(use.target)
    )


def _has_several(use: LossUse) -> bool:
    if use.loss.name in ("MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss"):
        return True
    if any(
        isinstance(t, Tensor) and t.op == "multihot" for t in options_of(use.target)
    ):
        return True
    names = [getattr(t, "name", "") for t in options_of(use.target)]
    if any(_SEVERAL.search(name) for name in names):
        return True
    return _NAMED.search(use.source.text) is not None


def argmaxed_targets(project: "Project") -> set[str]:
    """Names of targets of which an argmax is taken: they are rows, not indices."""
    return {
        option.name
        for decision in project.facts.decisions
        if decision.kind == "argmax"
        for option in options_of(decision.value)
        if isinstance(option, Tensor) and option.name and "model" not in option.traits
    }
