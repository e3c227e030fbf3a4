"""Every loss by its own name: what ``losses.from_json`` and ``by_name`` know."""

from typing import Final

from dovetail.losses._base import Loss
from dovetail.losses.absolute import Absolute
from dovetail.losses.binary_cross_entropy import BinaryCrossEntropy
from dovetail.losses.corn import CORN
from dovetail.losses.custom import Custom
from dovetail.losses.huber import Huber
from dovetail.losses.log_cosh import LogCosh
from dovetail.losses.multi_hot_cross_entropy import MultiHotCrossEntropy
from dovetail.losses.multi_label_cross_entropy import MultiLabelCrossEntropy
from dovetail.losses.pinball import Pinball
from dovetail.losses.poisson import Poisson
from dovetail.losses.smooth_l1 import SmoothL1
from dovetail.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from dovetail.losses.squared import Squared

KNOWN: Final[dict[str, type[Loss]]] = {
    kind.__name__: kind
    for kind in (
        BinaryCrossEntropy,
        SoftmaxCrossEntropy,
        MultiLabelCrossEntropy,
        MultiHotCrossEntropy,
        Squared,
        Absolute,
        Huber,
        SmoothL1,
        LogCosh,
        Pinball,
        CORN,
        Poisson,
        Custom,
    )
}
