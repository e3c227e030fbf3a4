"""Raw outputs and targets to the numbers and figures of ``metrics.json``.

Everything is computed in float64 from views made once; a value that does not exist
(AUROC of one class) is None.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail import metrics
from dovetail.report._names import classes_of, labels_of
from dovetail.tasks import Task

MOST_CLASSES = 200  # a confusion matrix of more would be the largest part of the file
MOST_POINTS = 2000


def evaluate(
    task: Task,
    raw: Float[Tensor, "n k"],
    target: Tensor,
    *,
    constant: Tensor | None = None,
    weights: Float[Tensor, " n"] | None = None,
    seed: int = 0,
    intervals: bool = True,
) -> dict[str, dict[str, Any]]:
    """Each metric of the task: value, 95 % interval, and what a constant would reach.

    ``constant`` is the raw output (k,) that ignores the features, or one row of it for
    each row (n, k) where folds have constants of their own; default: the task's bias,
    learnt from the training targets. ``weights`` count rows more than once.

    Gives ``{name: {"value", "low", "high", "baseline", "higher_is_better"}}``, where
    ``low``, ``high`` and ``baseline`` may be None.
    """
    raw = raw.detach().cpu().double()
    target = target.detach().cpu()
    weights = None if weights is None else weights.detach().cpu().double()
    if constant is None and task.bias is not None:
        constant = torch.tensor(task.bias, dtype=torch.float64)
    views = task.views(raw, target)
    baseline = None
    if constant is not None:
        repeated = constant.detach().cpu().double().expand_as(raw)
        baseline = task.views(repeated, target)
    return {
        metric.name: {
            "value": _number(metric(*views[metric.takes], weights)),
            **_interval(metric, *views[metric.takes], weights, seed, intervals),
            "baseline": None
            if baseline is None
            else _number(metric(*baseline[metric.takes], weights)),
            "higher_is_better": metric.higher_is_better,
        }
        for metric in task.metrics
    }


def figures(
    task: Task,
    raw: Float[Tensor, "n k"],
    target: Tensor,
    *,
    name: str = "target",
    seed: int = 0,
) -> dict[str, Any]:
    """What the report draws, as data: classes, numbers or labels, as the views have it.

    ``name`` is the target column where the task does not know it. More than
    ``MOST_CLASSES`` classes are not counted; of more than ``MOST_POINTS`` rows a
    random choice is kept.
    """
    views = task.views(raw.detach().cpu().double(), target.detach().cpu())
    classes, labels = classes_of(task), labels_of(task)
    if "point" in views:
        predicted, true = views["point"]
        rows = _some_rows(len(true), seed)
        return {
            "points": {
                column: {
                    "true": true[rows, j].tolist(),
                    "predicted": predicted[rows, j].tolist(),
                }
                for j, column in enumerate(task.columns or (name,))
            }
        }
    if labels:
        return {"labels": _by_label(labels, *views["decision"])}
    if 0 < len(classes) <= MOST_CLASSES:
        counts = metrics.confusion(*views["decision"], len(classes))
        return {"confusion": {"labels": list(classes), "counts": counts.tolist()}}
    return {}


def _by_label(
    labels: Sequence[Any], decided: Tensor, truth: Tensor
) -> list[dict[str, Any]]:
    """Precision TP / (TP + FP), recall TP / (TP + FN), F1 for each label.

    Unknown cells do not count; 0 / 0 is None.
    """
    known = ~truth.isnan()
    yes = (decided > 0.5) & known
    positive = (truth > 0.5) & known
    hit = (yes & positive).sum(0).tolist()
    called = yes.sum(0).tolist()
    there = positive.sum(0).tolist()
    return [
        {
            "label": label,
            "positives": there[j],
            "precision": _share(hit[j], called[j]),
            "recall": _share(hit[j], there[j]),
            "f1": _share(2 * hit[j], called[j] + there[j]),
        }
        for j, label in enumerate(labels)
    ]


def _interval(
    metric: metrics.Metric,
    prediction: Tensor,
    truth: Tensor,
    weights: Tensor | None,
    seed: int,
    wanted: bool,
) -> dict[str, float | None]:
    if not wanted:
        return {"low": None, "high": None}
    low, high = metrics.interval(metric, prediction, truth, weights, seed=seed)
    return {"low": _number(low), "high": _number(high)}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _some_rows(n: int, seed: int) -> Tensor:
    if n <= MOST_POINTS:
        return torch.arange(n)
    generator = torch.Generator().manual_seed(seed)
    return torch.randperm(n, generator=generator)[:MOST_POINTS].sort().values
