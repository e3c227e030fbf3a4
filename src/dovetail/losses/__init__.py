"""Losses on raw outputs: one value per row, never averaged.

    target                     loss
    yes or no                  BinaryCrossEntropy
    one class of several       SoftmaxCrossEntropy
    several yes/no labels      MultiLabelCrossEntropy, MultiHotCrossEntropy
    a rank                     CORN
    numbers                    Squared, Absolute, Huber, SmoothL1, LogCosh
    quantiles of a number      Pinball
    a count                    Poisson
    anything                   Custom

``loss(raw, target)`` checks and computes; ``loss.rows`` computes only. ``raw`` is
(n, k), straight from the head; a class index is int64 (n,), every other target float
(n, m). ``by_name`` and ``resolve`` turn names and torch's losses into these.
"""

from dovetail.losses._base import Loss
from dovetail.losses.absolute import Absolute
from dovetail.losses.binary_cross_entropy import BinaryCrossEntropy
from dovetail.losses.corn import CORN
from dovetail.losses.custom import Custom
from dovetail.losses.huber import Huber
from dovetail.losses.log_cosh import LogCosh
from dovetail.losses.multi_hot_cross_entropy import MultiHotCrossEntropy
from dovetail.losses.multi_label_cross_entropy import MultiLabelCrossEntropy
from dovetail.losses.names import Named, by_name, from_json, resolve
from dovetail.losses.pinball import Pinball
from dovetail.losses.poisson import Poisson
from dovetail.losses.smooth_l1 import SmoothL1
from dovetail.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from dovetail.losses.squared import Squared

__all__ = [
    "CORN",
    "Absolute",
    "BinaryCrossEntropy",
    "Custom",
    "Huber",
    "LogCosh",
    "Loss",
    "MultiHotCrossEntropy",
    "MultiLabelCrossEntropy",
    "Named",
    "Pinball",
    "Poisson",
    "SmoothL1",
    "SoftmaxCrossEntropy",
    "Squared",
    "by_name",
    "from_json",
    "resolve",
]
