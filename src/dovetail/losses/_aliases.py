"""Names that people know from torch, Keras and scikit-learn, and what they mean here.

A name stands for a family: binary cross-entropy of a yes/no target and of a multi-label
one are two losses here, and the task decides which is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dovetail import _names
from dovetail._phrases import Phrase, Said
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
    # What became of the name, and why.
    note: Phrase | None = None
    # What to add when this member of the family is taken instead of the first.
    instead: Mapping[type[Loss], Said] = field(default_factory=dict)

    def told(self, chosen: type[Loss]) -> list[Said]:
        """Sentences on what became of the name, now that a loss is chosen.

        >>> note = Phrase("{name} is the median.", "{name} 是中位数。")
        >>> Alias("mae", (Absolute,), note).told(Absolute)
        ['mae is the median.']
        """
        said = [] if self.note is None else [self.note(name=self.name)]
        if chosen is not self.family[0] and chosen in self.instead:
            said.append(self.instead[chosen])
        return said


_SOFTMAX: Final[Family] = (SoftmaxCrossEntropy, BinaryCrossEntropy)
_BINARY: Final[Family] = (BinaryCrossEntropy, MultiLabelCrossEntropy)
_LABELS: Final[Family] = (MultiLabelCrossEntropy, BinaryCrossEntropy)
_LIKELIHOOD: Final[Family] = (*_SOFTMAX, MultiLabelCrossEntropy)

_ONE_LOGIT: Final[Mapping[type[Loss], Said]] = {
    BinaryCrossEntropy: Said(
        "For two classes it is binary cross-entropy of one logit.",
        "两个类别时，它就是单个 logit 的二元交叉熵。",
    )
}
_EACH_LABEL: Final[Mapping[type[Loss], Said]] = {
    MultiLabelCrossEntropy: Said(
        "It is taken for each label and averaged over the labels.",
        "对每个标签分别计算，再对标签取平均。",
    )
}
_LOGITS = Phrase(
    "{name} is computed from raw outputs; no softmax or sigmoid goes before it.",
    "{name} 直接由原始输出计算，前面不接 softmax 或 sigmoid。",
)
_LOG_MEAN = Phrase(
    "{name} is the full Poisson likelihood, log Gamma(y + 1) included; it takes the "
    "log of the mean, which any raw output can be.",
    "{name} 是完整的泊松似然，包含 log Gamma(y + 1)；它接收均值的对数，因此原始输出可"
    "取任意值。",
)


def _aliases(
    *names: str,
    family: Family,
    note: Phrase,
    instead: Mapping[type[Loss], Said] | None = None,
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
        note=Phrase(
            "{name} is softmax cross-entropy of raw outputs; sparse and categorical "
            "are one loss here, because the codec takes class ids and one-hot rows.",
            "{name} 是原始输出上的 softmax 交叉熵；稀疏与独热两种写法在这里是同一个损"
            "失，因为编码器两种都接受。",
        ),
        instead=_ONE_LOGIT,
    ),
    **_aliases(
        "NLLLoss",
        "nll",
        family=_SOFTMAX,
        note=Phrase(
            "{name} on log-softmax is softmax cross-entropy; it is computed from raw "
            "outputs in one step.",
            "{name} 作用于 log-softmax 就是 softmax 交叉熵；这里由原始输出一步算出。",
        ),
        instead=_ONE_LOGIT,
    ),
    **_aliases(
        "BCELoss",
        "bce",
        "binary_cross_entropy",
        family=_BINARY,
        note=Phrase(
            "{name} is computed from the logit because a float32 probability of 1 has "
            "no gradient; no sigmoid goes before it.",
            "{name} 由 logit 计算，因为 float32 概率达到 1 时没有梯度；前面不接 "
            "sigmoid。",
        ),
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
        note=Phrase(
            "{name} is binary cross-entropy written for labels -1 and 1; the codec "
            "takes any two labels.",
            "{name} 是按标签 -1 和 1 书写的二元交叉熵；编码器接受任意两个标签。",
        ),
        instead=_EACH_LABEL,
    ),
    **_aliases(
        "MultiLabelSoftMarginLoss",
        family=_LABELS,
        note=Phrase(
            "{name} is one binary cross-entropy for each label, the same as "
            "BCEWithLogitsLoss averaged over labels.",
            "{name} 对每个标签各算一个二元交叉熵，与对标签取平均的 BCEWithLogitsLoss "
            "相同。",
        ),
    ),
    **_aliases("log_loss", "logistic", family=_LIKELIHOOD, note=_LOGITS),
    **_aliases(
        "MSELoss",
        "mse",
        "mean_squared_error",
        "squared_error",
        "l2",
        family=(Squared,),
        note=Phrase(
            "{name} is the mean squared error: Squared; it estimates the mean.",
            "{name} 是均方误差（Squared），估计均值。",
        ),
    ),
    **_aliases(
        "L1Loss",
        "MAELoss",
        "l1",
        "mae",
        "mean_absolute_error",
        "absolute_error",
        family=(Absolute,),
        note=Phrase(
            "{name} is the mean absolute error: Absolute; it estimates the median.",
            "{name} 是平均绝对误差（Absolute），估计中位数。",
        ),
    ),
    **_aliases(
        "HuberLoss",
        "huber",
        family=(Huber,),
        note=Phrase(
            "{name} is Huber(delta); delta is in units of the standardised target, "
            "because the loss sees the target on that scale.",
            "{name} 是 Huber(delta)；delta 以标准化后的目标为单位，因为损失看到的就是"
            "这个尺度。",
        ),
    ),
    **_aliases(
        "SmoothL1Loss",
        "smooth_l1",
        family=(SmoothL1,),
        note=Phrase(
            "{name}(beta) is Huber(beta) / beta, not Huber: the two agree only at 1; "
            "beta is in units of the standardised target.",
            "{name}(beta) 等于 Huber(beta) / beta，而不是 Huber：二者仅在 1 处相同；"
            "beta 以标准化后的目标为单位。",
        ),
    ),
    **_aliases(
        "log_cosh",
        "log_cosh_loss",
        family=(LogCosh,),
        note=Phrase(
            "{name} is LogCosh: squared for residuals well below 1 and absolute "
            "beyond, in units of the standardised target.",
            "{name} 即 LogCosh：残差远小于 1 时近似平方误差，更大时近似绝对误差，以标"
            "准化后的目标为单位。",
        ),
    ),
    **_aliases(
        "quantile",
        "quantile_loss",
        "pinball_loss",
        family=(Pinball,),
        note=Phrase(
            "{name} is Pinball(taus): its least is at the quantiles of the levels "
            "taus.",
            "{name} 即 Pinball(taus)：在水平为 taus 的分位数处取最小。",
        ),
    ),
    **_aliases(
        "PoissonNLLLoss", "poisson", "poisson_loss", family=(Poisson,), note=_LOG_MEAN
    ),
    **_aliases(
        "poisson_deviance",
        family=(Poisson,),
        note=Phrase(
            "{name} is twice the Poisson loss but for a constant, so both are least at "
            "the same mean; Poisson takes the log of the mean.",
            "{name} 除一个常数外是泊松损失的两倍，因此二者在同一均值处最小；泊松损失接"
            "收均值的对数。",
        ),
    ),
}
