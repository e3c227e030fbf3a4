"""Names that people know from torch, Keras and scikit-learn, and what they mean here.

A name stands for a family: binary cross-entropy of a yes/no target and of a multi-label
one are two losses here, and the task decides which is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dovetail import _names
from dovetail.losses._base import Loss
from dovetail.losses.absolute import Absolute
from dovetail.losses.binary_cross_entropy import BinaryCrossEntropy
from dovetail.losses.huber import Huber
from dovetail.losses.log_cosh import LogCosh
from dovetail.losses.multi_label_cross_entropy import MultiLabelCrossEntropy
from dovetail.losses.pinball import Pinball
from dovetail.losses.poisson import Poisson
from dovetail.losses.smooth_l1 import SmoothL1
from dovetail.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from dovetail.losses.squared import Squared

Family = tuple[type[Loss], ...]


@dataclass(frozen=True)
class Alias:
    """A name, the losses it may mean, and what to tell who used it."""

    name: str
    family: Family
    note: str = ""
    # What to add when this member of the family is taken instead of the first.
    instead: Mapping[type[Loss], str] = field(default_factory=dict)


_ONE_LOGIT: Final[Mapping[type[Loss], str]] = {
    BinaryCrossEntropy: "For two classes it is binary cross-entropy of one logit."
}
_EACH_LABEL: Final[Mapping[type[Loss], str]] = {
    MultiLabelCrossEntropy: "It is taken for each label and averaged over the labels."
}
_LOGITS = "{} is computed from raw outputs; no softmax or sigmoid goes before it."
_LOG_SOFTMAX = (
    "{} on log-softmax is softmax cross-entropy; it is computed from raw outputs in "
    "one step."
)
_PROBABILITY = (
    "{} is computed from the logit because a float32 probability of 1 has no gradient; "
    "no sigmoid goes before it."
)
_LOG_MEAN = "{} is computed from the log of the mean and includes log Gamma(y + 1)."

_SOFTMAX: Final[Family] = (SoftmaxCrossEntropy, BinaryCrossEntropy)
_BINARY: Final[Family] = (BinaryCrossEntropy, MultiLabelCrossEntropy)
_LABELS: Final[Family] = (MultiLabelCrossEntropy, BinaryCrossEntropy)
_LIKELIHOOD: Final[Family] = (*_SOFTMAX, MultiLabelCrossEntropy)


def _aliases(
    *names: str,
    family: Family,
    note: str = "",
    instead: Mapping[type[Loss], str] | None = None,
) -> dict[str, Alias]:
    return {
        _names.key(name): Alias(name, family, note.format(name), instead or {})
        for name in names
    }


ALIASES: Final[dict[str, Alias]] = {
    **_aliases(
        "CrossEntropyLoss",
        "cross_entropy",
        "softmax_cross_entropy",
        "softmax_cross_entropy_with_integer_labels",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        family=_SOFTMAX,
        note=_LOGITS,
        instead=_ONE_LOGIT,
    ),
    **_aliases(
        "NLLLoss", "nll", family=_SOFTMAX, note=_LOG_SOFTMAX, instead=_ONE_LOGIT
    ),
    **_aliases(
        "BCELoss",
        "bce",
        "binary_cross_entropy",
        family=_BINARY,
        note=_PROBABILITY,
        instead=_EACH_LABEL,
    ),
    **_aliases(
        "BCEWithLogitsLoss",
        "bce_with_logits",
        "binary_cross_entropy_with_logits",
        "sigmoid_binary_cross_entropy",
        family=_BINARY,
        note=_LOGITS,
        instead=_EACH_LABEL,
    ),
    **_aliases("MultiLabelSoftMarginLoss", family=_LABELS, note=_LOGITS),
    **_aliases("log_loss", "logistic", family=_LIKELIHOOD, note=_LOGITS),
    **_aliases(
        "MSELoss", "mse", "mean_squared_error", "squared_error", "l2", family=(Squared,)
    ),
    **_aliases(
        "L1Loss", "l1", "mae", "mean_absolute_error", "absolute_error",
        family=(Absolute,),
    ),
    **_aliases("HuberLoss", family=(Huber,)),
    **_aliases("SmoothL1Loss", family=(SmoothL1,)),
    **_aliases("log_cosh_loss", family=(LogCosh,)),
    **_aliases("quantile", "quantile_loss", "pinball_loss", family=(Pinball,)),
    **_aliases(
        "PoissonNLLLoss", "poisson_loss", "poisson_deviance",
        family=(Poisson,),
        note=_LOG_MEAN,
    ),
}  # fmt: skip
