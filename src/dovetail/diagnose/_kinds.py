"""What torch's losses take: scores, probabilities, their logarithms, or values."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

Takes = Literal["scores", "probs", "log_probs", "values"]
Wants = Literal["class", "cell", "sign", "values", "nothing"]


@dataclass(frozen=True)
class Kind:
    """A loss by what it takes; ``name`` is how messages call it."""

    name: str
    takes: Takes
    wants: Wants  # of the target
    axis: int = 1  # of the classes
    symmetric: bool = False  # are prediction and target exchangeable?
    strict_dtype: bool = False  # does an integer target make it fail?
    inside: bool = False  # a part of a criterion of the user's own

    @property
    def of_classes(self) -> bool:
        """Does it compare classes along an axis, not cell by cell?"""
        return self.wants == "class" or (self.inside and self.axis == -1)


_BCE = Kind("binary cross-entropy", "probs", "cell", strict_dtype=True)
KINDS: Final[dict[Callable[..., Any], Kind]] = {
    F.cross_entropy: Kind("cross-entropy", "scores", "class"),
    F.nll_loss: Kind("NLLLoss", "log_probs", "class"),
    F.ctc_loss: Kind("CTCLoss", "log_probs", "nothing", axis=-1),
    F.binary_cross_entropy: _BCE,
    F.binary_cross_entropy_with_logits: Kind(
        "BCE-with-logits", "scores", "cell", strict_dtype=True
    ),
    F.multilabel_soft_margin_loss: Kind("MultiLabelSoftMarginLoss", "scores", "cell"),
    F.soft_margin_loss: Kind("SoftMarginLoss", "scores", "sign"),
    F.hinge_embedding_loss: Kind("HingeEmbeddingLoss", "values", "sign"),
    F.mse_loss: Kind("MSELoss", "values", "values", symmetric=True),
    F.l1_loss: Kind("L1Loss", "values", "values", symmetric=True),
    F.smooth_l1_loss: Kind("SmoothL1Loss", "values", "values", symmetric=True),
    F.huber_loss: Kind("HuberLoss", "values", "values", symmetric=True),
    F.gaussian_nll_loss: Kind("GaussianNLLLoss", "values", "values", symmetric=True),
    F.poisson_nll_loss: Kind("PoissonNLLLoss", "values", "values"),
    F.kl_div: Kind("KLDivLoss", "values", "values"),
}

# In a criterion's own code these take scores too, whatever it does with them then.
SCORES_INSIDE: Final = {
    "log_softmax": Kind("The loss", "scores", "nothing", axis=-1, inside=True),
    "special_log_softmax": Kind("The loss", "scores", "nothing", axis=-1, inside=True),
    "log_sigmoid": Kind("The loss", "scores", "nothing", inside=True),
}


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # builtins without one
        return None


def arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """By name, defaults filled in; a prediction is ``input``, a target ``target``."""
    signature = _signature(function)
    if signature is None:
        named = {"input": args[0] if args else kwargs.get("input"), **kwargs}
    else:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return {}
        bound.apply_defaults()
        named = dict(bound.arguments)
    for alias, name in (("log_probs", "input"), ("targets", "target")):
        if alias in named:
            named[name] = named.pop(alias)
    return named


def is_tensor(value: Any) -> bool:
    """A tensor with numbers in it: not None, not a Python number."""
    return isinstance(value, Tensor)
