"""What metrics of ranked rows share: counts above each threshold, column by column."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float64
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from dovetail.metrics import _forms

# scores (n,), truth (n,), weights (..., n) -> value (...), is it defined (...)
Area = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


def curve(
    scores: Float64[Tensor, " n"],
    truth: Float64[Tensor, " n"],
    weights: Float64[Tensor, "*r n"],
) -> tuple[Float64[Tensor, "*r g"], Float64[Tensor, "*r g"]]:
    """Weight of positives, and of all rows, with a score >= each distinct score.

    Thresholds go down; the last one takes all rows. A truth between 0 and 1 counts
    with that share as positive and with the rest as negative.

    >>> scores = torch.tensor([0.1, 0.8, 0.8], dtype=torch.float64)
    >>> truth = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    >>> [v.tolist() for v in curve(scores, truth, torch.ones_like(scores))]
    [[1.0, 1.0], [2.0, 3.0]]
    """
    order = scores.argsort(descending=True)
    ranked = scores[order]
    is_last = torch.ones_like(ranked, dtype=torch.bool)  # of its group of equal scores
    is_last[:-1] = ranked[1:] != ranked[:-1]
    last = is_last.nonzero().squeeze(1)
    counts = weights[..., order]
    positives = counts * truth[order]
    return positives.cumsum(-1)[..., last], counts.cumsum(-1)[..., last]


def over_columns(
    area: Area,
    prediction: Tensor,
    truth: Tensor,
    weights: Float64[Tensor, "*r n"],
    who: str,
) -> tuple[Float64[Tensor, "*r m"], Bool[Tensor, "*r m"]]:
    """``area`` of each label, or of each class against the rest; is it defined there?

    Unknown cells have no weight.
    """
    if truth.ndim == 1:
        _forms.check_scores(prediction, truth, who)
        scores, y = prediction.double(), _forms.one_hot(truth, prediction.shape[1])
        known = torch.ones_like(y)
    else:
        scores, y, known = _forms.cells(prediction, truth, who)
        _forms.check_truth(y, who)
    found = []
    for j in range(scores.shape[1]):
        column = (scores[:, j], y[:, j], weights * known[:, j])
        if weights.requires_grad:
            # Keeps the arrays of one column at a time for the gradient (see
            # ``interval``), not of all: hundreds of labels would take gigabytes.
            found.append(checkpoint(area, *column, use_reentrant=False))
        else:
            found.append(area(*column))
    values, defined = zip(*found, strict=True)
    return torch.stack(values, dim=-1), torch.stack(defined, dim=-1)
