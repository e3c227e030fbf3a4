"""The figures that messages quote: what a wrong pairing costs."""

import math

from torch import Tensor


def softmax_floor(classes: int) -> float:
    """The least cross-entropy of scores in [0, 1] that add to 1: log(1 + (C - 1) / e).

    >>> [round(softmax_floor(c), 3) for c in (2, 10, 1000)]
    [0.313, 1.461, 5.909]
    """
    return math.log1p((classes - 1) / math.e)


def softmax_ceiling(classes: int) -> float:
    """The greatest: all of the 1 on a wrong class, log(e + C - 1).

    >>> round(softmax_ceiling(10), 3)
    2.461
    """
    return math.log(math.e + classes - 1)


def bounded_floor(classes: int, low: float, high: float) -> float:
    """The least cross-entropy of scores that stay in [low, high].

    >>> round(bounded_floor(10, -1.0, 1.0), 3)  # tanh
    0.797
    """
    return math.log1p((classes - 1) * math.exp(low - high))


def sigmoid_floor(positive_rate: float) -> float:
    """The least BCE-with-logits of scores in (0, 1): 0.313 r + 0.693 (1 - r).

    >>> round(sigmoid_floor(0.25), 3)
    0.598
    """
    return positive_rate * math.log1p(1 / math.e) + (1 - positive_rate) * math.log(2)


def shared_floor(labels: int, positives: float) -> float:
    """The least BCE-with-logits of a softmax over L labels, k of them true.

    >>> round(shared_floor(20, 3), 3)
    0.67
    """
    if positives <= 0:
        return math.log(2)
    yes = positives * math.log1p(math.exp(-1 / positives))
    return (yes + (labels - positives) * math.log(2)) / labels


def softmax_shrink(probs: Tensor, axis: int) -> float:
    """The factor by which a softmax before the loss shrinks the gradient.

    That of cross-entropy to the scores is ``p - e_y``; a softmax in between multiplies
    the gradient of ``softmax(p) - e_y`` by ``diag(p) - p p'``. Averaged over classes
    in the place of y. Even rows give exactly 1/C.

    >>> import torch
    >>> round(softmax_shrink(torch.full((3, 10), 0.1), 1), 6)
    0.1
    """
    p = probs.detach().double().movedim(axis, -1)
    p = p.reshape(-1, p.shape[-1])[:64]
    again = p.softmax(-1)
    direct = through = 0.0
    for y in range(min(p.shape[-1], 32)):
        one = p.new_zeros(p.shape[-1])
        one[y] = 1.0
        outer = again - one
        direct += float((p - one).norm())
        through += float((p * (outer - (p * outer).sum(-1, keepdim=True))).norm())
    return through / direct if direct else 0.0
