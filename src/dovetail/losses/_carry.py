"""Parameters of other libraries' losses, as ours: carried over, or refused with why."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from dovetail._phrases import Phrase
from dovetail.errors import ConfigError
from dovetail.losses import _parameters
from dovetail.losses._aliases import Alias
from dovetail.losses._base import Loss
from dovetail.losses.binary_cross_entropy import BinaryCrossEntropy
from dovetail.losses.softmax_cross_entropy import SoftmaxCrossEntropy

_RATIO = Phrase(
    "Class weights {pair} become pos_weight={ratio:g}, their ratio: only it moves the "
    "minimum.",
    "类别权重 {pair} 变为二者之比 pos_weight={ratio:g}：只有比值会移动最小值点。",
)

# Parameters that mean nothing here at these values: what they ask for is what is done,
# or a loss that gives one value for each row, from raw outputs, has no use for them.
_DONE_ANYWAY: dict[str, tuple[Any, ...]] = {
    "reduction": ("none", "mean", "sum_over_batch_size", None),
    "size_average": (None,),
    "reduce": (None,),
    "ignore_index": (-100, None),
    "from_logits": (True, False),
    "log_input": (True, False),
    "full": (True, False),
    "axis": (-1, 1),
    "eps": (),  # any: it guards log(mean), and the log mean needs no guard
    "label_smoothing": (0, 0.0),
    "weight": (None,),
}
_WHY_NOT = {
    "reduction": "rows are averaged with their weights in the training step, so that "
    "the learning rate does not depend on the batch size",
    "ignore_index": "rows without a target are left out of the data; an unknown label "
    "of a multi-label row is NaN",
    "weight": "there it multiplies cells of one batch; give row weights to the fit",
    "label_smoothing": "this loss has no smoothing",
}


def carry(
    alias: Alias, kind: type[Loss], given: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Keyword values for ``kind`` from those given to ``alias``, and notes.

    >>> from dovetail.losses.huber import Huber
    >>> carry(Alias("HuberLoss", (Huber,)), Huber, {"delta": 2, "reduction": "mean"})
    ({'delta': 2}, [])
    """
    values = {key: _plain(value) for key, value in given.items()}
    notes: list[str] = []
    own = kind.__dataclass_fields__
    if "label_smoothing" in values and "smoothing" in own:
        values["smoothing"] = values.pop("label_smoothing")
    one_for_all = values.get("pos_weight")
    if isinstance(one_for_all, Sequence) and len(one_for_all) == 1:
        values["pos_weight"] = one_for_all[0]
    if kind is BinaryCrossEntropy and alias.family[0] is SoftmaxCrossEntropy:
        _weigh_one_logit(values, notes)
    for key in [k for k in values if k not in own and k in _DONE_ANYWAY]:
        value = values.pop(key)
        if _DONE_ANYWAY[key] and value not in _DONE_ANYWAY[key]:
            why = _WHY_NOT.get(key, "this loss has no such choice")
            raise ConfigError(
                f"{alias.name}({key}={value!r}) cannot be carried over to "
                f"{kind.__name__}: {why}.",
                fix=f"leave {key} out",
            )
    return values, notes


def _weigh_one_logit(values: dict[str, Any], notes: list[str]) -> None:
    """Weights of two classes as the weight of the positive one."""
    pair = values.get("weight")
    if pair is None:
        return
    who = BinaryCrossEntropy.__name__
    _parameters.match(_parameters.positives(pair, "weight", who), 2, "weight", who)
    values.pop("weight")
    values["pos_weight"] = pair[1] / pair[0]
    notes.append(_RATIO(pair=list(pair), ratio=pair[1] / pair[0]))


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().flatten().tolist()
    return value
