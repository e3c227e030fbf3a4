"""What numbers look like: probabilities, their logarithms, a bounded range."""

import torch
from torch import Tensor


def _slack(tensor: Tensor) -> float:
    return 1e-2 if tensor.dtype in (torch.float16, torch.bfloat16) else 1e-4


def within(tensor: Tensor, low: float, high: float) -> bool:
    """Does every number lie in [low, high]?

    >>> within(torch.tensor([0.0, 1.0]), 0, 1)
    True
    """
    slack = _slack(tensor) / 10
    return bool(((tensor >= low - slack) & (tensor <= high + slack)).all())


def adds_to_one(tensor: Tensor, axis: int) -> bool:
    """Are these numbers in [0, 1] with sum 1 along the axis (of two or more)?

    >>> adds_to_one(torch.full((3, 4), 0.25), 1)
    True
    """
    if not tensor.ndim or tensor.shape[axis] < 2 or not tensor.numel():
        return False
    if not within(tensor, 0, 1):
        return False
    sums = tensor.detach().float().sum(axis)
    return bool(((sums - 1).abs() < _slack(tensor)).all())


def log_adds_to_one(tensor: Tensor, axis: int) -> bool:
    """Are these logarithms of numbers that add to 1 along the axis?

    >>> log_adds_to_one(torch.zeros(3, 4).log_softmax(1), 1)
    True
    """
    if not tensor.ndim or not tensor.numel():
        return False
    total = tensor.detach().float().logsumexp(axis)
    return bool((total.abs() < 10 * _slack(tensor)).all())


def entries(gradient: Tensor) -> Tensor:
    """The numbers that a gradient holds, also a sparse one."""
    return gradient.coalesce().values() if gradient.is_sparse else gradient


def span(tensor: Tensor) -> str:
    """Least and greatest, for a message.

    >>> span(torch.tensor([-1.5, 2.0]))
    '-1.5 to 2'
    """
    return f"{float(tensor.min()):.3g} to {float(tensor.max()):.3g}"


def shape_text(tensor: Tensor) -> str:
    """``(8, 1)``."""
    return str(tuple(tensor.shape))
