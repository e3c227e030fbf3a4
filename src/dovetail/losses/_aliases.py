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
    """A name as it was typed, the losses it may mean, and what to tell who used it."""

    name: str
    family: Family
    # What became of the name, and why; ``{}`` stands for the name.
    note: str = ""
    # What to add when this member of the family is taken instead of the first.
    instead: Mapping[type[Loss], str] = field(default_factory=dict)

    def told(self, chosen: type[Loss]) -> list[str]:
        """Sentences on what became of the name, now that a loss is chosen.

        >>> Alias("mae", (Absolute,), "{} is the mean absolute error.").told(Absolute)
        ['mae is the mean absolute error.']
        """
        templates = [self.note]
        if chosen is not self.family[0]:
            templates.append(self.instead.get(chosen, ""))
        return [text.format(self.name) for text in templates if text]


_SOFTMAX: Final[Family] = (SoftmaxCrossEntropy, BinaryCrossEntropy)
_BINARY: Final[Family] = (BinaryCrossEntropy, MultiLabelCrossEntropy)
_LABELS: Final[Family] = (MultiLabelCrossEntropy, BinaryCrossEntropy)
_LIKELIHOOD: Final[Family] = (*_SOFTMAX, MultiLabelCrossEntropy)

_ONE_LOGIT: Final[Mapping[type[Loss], str]] = {
    BinaryCrossEntropy: "For two classes it is binary cross-entropy of one logit."
}
_EACH_LABEL: Final[Mapping[type[Loss], str]] = {
    MultiLabelCrossEntropy: "It is taken for each label and averaged over the labels."
}
_LOGITS = "{} is computed from raw outputs; no softmax or sigmoid goes before it."
_LOG_MEAN = (
    "{} is the full Poisson likelihood, log Gamma(y + 1) included; it takes the log of "
    "the mean, which any raw output can be."
)


def _aliases(
    *names: str,
    family: Family,
    note: str,
    instead: Mapping[type[Loss], str] | None = None,
) -> dict[str, Alias]:
    return {
        _names.key(name): Alias(name, family, note, instead or {}) for name in names
    }


ALIASES: Final[dict[str, Alias]] = {
    **_aliases(
        "CrossEntropyLoss",
        "cross_entropy",
        "softmax_cross_entropy",
        "softmax_cross_entropy_with_integer_labels",
        family=_SOFTMAX,
        note=_LOGITS,
        instead=_ONE_LOGIT,
    ),
    **_aliases(
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        family=_SOFTMAX,
        note="{} is softmax cross-entropy of raw outputs; sparse and categorical are "
        "one loss here, because the codec takes class ids and one-hot rows.",
        instead=_ONE_LOGIT,
    ),
    **_aliases(
        "NLLLoss",
        "nll",
        family=_SOFTMAX,
        note="{} on log-softmax is softmax cross-entropy; it is computed from raw "
        "outputs in one step.",
        instead=_ONE_LOGIT,
    ),
    **_aliases(
        "BCELoss",
        "bce",
        "binary_cross_entropy",
        family=_BINARY,
        note="{} is computed from the logit because a float32 probability of 1 has no "
        "gradient; no sigmoid goes before it.",
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
    **_aliases(
        "SoftMarginLoss",
        family=_BINARY,
        note="{} is binary cross-entropy written for labels -1 and 1; the codec takes "
        "any two labels.",
        instead=_EACH_LABEL,
    ),
    **_aliases(
        "MultiLabelSoftMarginLoss",
        family=_LABELS,
        note="{} is one binary cross-entropy for each label, the same as "
        "BCEWithLogitsLoss averaged over labels.",
    ),
    **_aliases("log_loss", "logistic", family=_LIKELIHOOD, note=_LOGITS),
    **_aliases(
        "MSELoss",
        "mse",
        "mean_squared_error",
        "squared_error",
        "l2",
        family=(Squared,),
        note="{} is the mean squared error: Squared; it estimates the mean.",
    ),
    **_aliases(
        "L1Loss",
        "MAELoss",
        "l1",
        "mae",
        "mean_absolute_error",
        "absolute_error",
        family=(Absolute,),
        note="{} is the mean absolute error: Absolute; it estimates the median.",
    ),
    **_aliases(
        "HuberLoss",
        "huber",
        family=(Huber,),
        note="{} is Huber(delta); delta is in units of the standardised target, "
        "because the loss sees the target on that scale.",
    ),
    **_aliases(
        "SmoothL1Loss",
        "smooth_l1",
        family=(SmoothL1,),
        note="{}(beta) is Huber(beta) / beta, not Huber: the two agree only at 1; beta "
        "is in units of the standardised target.",
    ),
    **_aliases(
        "log_cosh",
        "log_cosh_loss",
        family=(LogCosh,),
        note="{} is LogCosh: squared for residuals well below 1 and absolute beyond, "
        "in units of the standardised target.",
    ),
    **_aliases(
        "quantile",
        "quantile_loss",
        "pinball_loss",
        family=(Pinball,),
        note="{} is Pinball(taus): its least is at the quantiles of the levels taus.",
    ),
    **_aliases(
        "PoissonNLLLoss", "poisson", "poisson_loss", family=(Poisson,), note=_LOG_MEAN
    ),
    **_aliases(
        "poisson_deviance",
        family=(Poisson,),
        note="{} is twice the Poisson loss but for a constant, so both are least at "
        "the same mean; Poisson takes the log of the mean.",
    ),
}
