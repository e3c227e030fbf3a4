"""The loss at step 0, where the head's bias is all there is."""

import torch
from torch import Tensor

from dovetail.tasks import Task


def start_loss(task: Task, target: Tensor, weights: Tensor | None) -> float:
    """The mean over encoded training targets; the null model's loss.

    >>> from dovetail.tasks import Count
    >>> task = Count.from_targets([0, 2])  # mean 1: bias 0, loss 1 + log(y!)
    >>> round(start_loss(task, task.encode([0, 2]), None), 4)  # 1 + log(2) / 2
    1.3466
    """
    constant = torch.tensor(task.bias, dtype=torch.float64).expand(len(target), -1)
    exact = target.double() if target.is_floating_point() else target
    rows = task.loss.rows(constant, exact)
    return float(rows.mean() if weights is None else (rows @ weights) / weights.sum())
