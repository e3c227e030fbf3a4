"""How many positives and negatives lie at or above each threshold."""

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _forms
from dovetail.metrics._forms import Columns


def curve(
    scores: Float64[Tensor, " n"],
    truth: Float64[Tensor, " n"],
    weights: Float64[Tensor, "*r n"],
) -> tuple[Float64[Tensor, "*r g"], Float64[Tensor, "*r g"]]:
    """Weights of positives and of negatives with a score >= each distinct score.

    Thresholds go down; the last one takes all rows. A truth between 0 and 1 counts
    with that share as positive and with the rest as negative.

    >>> scores = torch.tensor([0.1, 0.8, 0.8], dtype=torch.float64)
    >>> truth = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    >>> [v.tolist() for v in curve(scores, truth, torch.ones_like(scores))]
    [[1.0, 1.0], [1.0, 2.0]]
    """
    order = scores.argsort(descending=True)
    ranked = scores[order]
    is_last = torch.ones_like(ranked, dtype=torch.bool)  # of its group of equal scores
    is_last[:-1] = ranked[1:] != ranked[:-1]
    weights, positive = weights[..., order], truth[order]
    above = [weights * part for part in (positive, 1 - positive)]
    true, false = (part.cumsum(-1)[..., is_last] for part in above)
    return true, false


def columns(prediction: Tensor, truth: Tensor, who: str) -> tuple[Columns, ...]:
    """Scores, truth and known (n, m): one column for each label, or for each class."""
    if truth.ndim == 1:
        _forms.check_scores(prediction, truth, who)
        hot = _forms.one_hot(truth, prediction.shape[1])
        return prediction.double(), hot, torch.ones_like(hot)
    scores, y, known = _forms.cells(prediction, truth, who)
    _forms.check_truth(y, who)
    return scores, y, known
