"""From the law a weighted or smoothed loss was trained on back to the true one.

A weight w_k on class k makes the network estimate probabilities proportional to
w_k P(k), so log w_k is taken off its logit. Label smoothing e makes it estimate
(1 - e) P + e / C, which is inverted, clipped and renormalised. Without this step
``predict_proba`` after ``pos_weight=10`` would say 0.5 where the truth is 0.09.
"""

import torch
from torch import Tensor

from dovetail import losses


def unweigh(logits: Tensor, loss: losses.Loss) -> Tensor:
    """Logits (n, k) with the loss's class weights taken off.

    >>> loss = losses.BinaryCrossEntropy(pos_weight=10.0)
    >>> round(unweigh(torch.zeros(1, 1), loss).sigmoid().item(), 4)
    0.0909
    """
    weight = getattr(loss, "pos_weight", None)
    if weight is None:
        weight = getattr(loss, "weight", None)
    if weight is None:
        return logits
    return (
        logits - torch.as_tensor(weight, dtype=logits.dtype, device=logits.device).log()
    )


def unsmooth(probs: Tensor, loss: losses.Loss, classes: int) -> Tensor:
    """Probabilities with the loss's label smoothing inverted.

    >>> loss = losses.SoftmaxCrossEntropy(smoothing=0.3)
    >>> p = torch.tensor([[0.8, 0.1, 0.1]])
    >>> [round(v, 4) for v in unsmooth(p, loss, classes=3)[0].tolist()]
    [1.0, 0.0, 0.0]
    """
    smoothing = getattr(loss, "smoothing", 0.0)
    if not smoothing:
        return probs
    plain = ((probs - smoothing / classes) / (1 - smoothing)).clamp(0.0, 1.0)
    if probs.shape[-1] > 1:
        plain = plain / plain.sum(dim=-1, keepdim=True)
    return plain
