"""Link functions and their inverses: between the target's scale and raw outputs.

    link      raw = link(target scale)    inverse
    identity  mean                        identity
    log       log mean                    exp
    logit     log odds                    sigmoid
    softmax   log probability + constant  softmax
    CORN      conditional log odds        corn_probs

Pure functions. Half precision is raised to float32 first: in bfloat16 the rows of a
softmax do not sum to 1. Logarithms of probabilities come from logits, never from
probabilities, and keep full relative accuracy on both tails.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import pad

from dovetail._shapes import HALF, values_readable
from dovetail.errors import DataError


def precise(raw: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """``raw`` in at least float32.

    >>> precise(torch.zeros(2, dtype=torch.bfloat16)).dtype
    torch.float32
    """
    return raw.float() if raw.dtype in HALF else raw


def identity(raw: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """The raw output is the mean itself.

    >>> identity(torch.tensor([2.0]))
    tensor([2.])
    """
    return precise(raw)


def exp(raw: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Log mean to mean.

    >>> exp(torch.tensor([0.0]))
    tensor([1.])
    """
    return precise(raw).exp()


def log(mean: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Mean > 0 to log mean; zero gives ``-inf``.

    >>> log(torch.tensor([1.0]))
    tensor([0.])
    """
    mean = precise(mean)
    _refuse_outside(mean, mean >= 0, "log", ">= 0")
    return mean.log()


def sigmoid(logits: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Log odds to probability, ``1 / (1 + e^-z)``.

    >>> sigmoid(torch.tensor([0.0]))
    tensor([0.5000])
    """
    return precise(logits).sigmoid()


def logit(probs: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Probability to log odds, ``log(p / (1 - p))``; 0 and 1 give infinities.

    >>> logit(torch.tensor([0.5, 0.2]))  # log(1/4) = -1.3863
    tensor([ 0.0000, -1.3863])
    """
    p = precise(probs)
    _refuse_outside(p, (p >= 0) & (p <= 1), "logit", "in [0, 1]")
    # Near 1/2 the two logarithms cancel; 2p - 1 is exact there, so atanh does not.
    middle = (p - 0.5).abs() < 0.25
    near = 2 * torch.atanh(torch.where(middle, 2 * p - 1, 0.0))
    safe = torch.where(middle, 0.75, p)
    return torch.where(middle, near, safe.log() - torch.log1p(-safe))


def log_sigmoid(logits: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """``log sigmoid(z)``; ``log(1 - sigmoid(z))`` is ``log_sigmoid(-z)``.

    ``min(z, 0) - log1p(e^-|z|)`` keeps full relative accuracy on both tails, and so do
    its derivatives of any order; torch's own has a second one of ``s (1 - s)``, which
    rounds to 0 from z = 17 on.

    >>> log_sigmoid(torch.tensor([-1000.0, 0.0]))
    tensor([-1.0000e+03, -6.9315e-01])
    """
    z = precise(logits)
    # Selected rather than min and abs, which have two slopes to choose from at 0.
    below = z < 0
    return torch.where(below, z, 0.0) - torch.where(below, z, -z).exp().log1p()


def softplus(raw: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """``log(1 + e^x)`` without the cut-off that makes it linear above 20.

    >>> softplus(torch.tensor([0.0, 1000.0]))
    tensor([6.9315e-01, 1.0000e+03])
    """
    return -log_sigmoid(-raw)


def softmax(logits: Float[Tensor, "... k"]) -> Float[Tensor, "... k"]:
    """Logits to probabilities over the last axis, ``e^z_k / sum_j e^z_j``.

    >>> softmax(torch.tensor([[0.0, 0.0]]))
    tensor([[0.5000, 0.5000]])
    """
    return precise(logits).softmax(dim=-1)


def log_softmax(logits: Float[Tensor, "... k"]) -> Float[Tensor, "... k"]:
    """``log softmax(z)`` over the last axis, with full relative accuracy near 0.

    ``z_k - log sum_j e^z_j`` rounds to 0 for a class of probability ``1 - 1e-8``. Seen
    from the largest logit a, ``(z_k - z_a) - log1p(sum_{j != a} e^(z_j - z_a))`` is a
    sum of two terms of one sign.

    >>> log_softmax(torch.tensor([[0.0, -20.0]]))
    tensor([[-2.0612e-09, -2.0000e+01]])
    """
    _, gaps, others = from_the_largest(precise(logits))
    return gaps - torch.log1p(others).unsqueeze(-1)


def from_the_largest(
    logits: Float[Tensor, "... k"],
) -> tuple[Int[Tensor, "... 1"], Float[Tensor, "... k"], Float[Tensor, "..."]]:
    """The largest logit's index a, gaps ``z_k - z_a``, and ``sum_{k != a} e^gap``.

    The largest one is left out of the sum, so the sum keeps its relative accuracy
    when it is far below 1. Masked classes (``-inf``) add exactly 0.

    >>> from_the_largest(torch.tensor([[1.0, 3.0, 3.0]]))
    (tensor([[1]]), tensor([[-2.,  0.,  0.]]), tensor([1.1353]))
    """
    largest = logits.argmax(dim=-1, keepdim=True)
    gaps = logits - logits.gather(-1, largest)
    others = gaps.scatter(-1, largest, float("-inf")).exp().sum(dim=-1)
    return largest, gaps, others


def corn_probs(logits: Float[Tensor, "n j"]) -> Float[Tensor, "n k"]:
    """Conditional logits of K-1 ordinal tasks to ``P(y = k)`` for K ranks.

    ``P(y > j) = prod_{i <= j} sigmoid(z_i)``, so
    ``log P(y = k) = sum_{i < k} log sigmoid(z_i) + log sigmoid(-z_k)``, the last rank
    without the second term. Rows sum to 1.
    Shi, Cao, Raschka: Deep Neural Networks for Rank-Consistent Ordinal Regression Based
    on Conditional Probabilities, 2021.

    >>> corn_probs(torch.zeros(1, 2))
    tensor([[0.5000, 0.2500, 0.2500]])
    """
    z = precise(logits)
    passed = pad(log_sigmoid(z).cumsum(dim=-1), (1, 0))
    stopped = pad(log_sigmoid(-z), (0, 1))
    return (passed + stopped).exp()


def _refuse_outside(values: Tensor, inside: Tensor, who: str, words: str) -> None:
    if values_readable(values) and not bool((inside | values.isnan()).all()):
        worst = float(values[~inside & ~values.isnan()].flatten()[0])
        raise DataError(
            f"{who} needs values {words}, got {worst:g}.",
            fix="give numbers on the target's scale, not raw outputs",
        )
