"""Parameters of other libraries' losses, as ours: carried over, or refused with why."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from dovetail.errors import ConfigError
from dovetail.losses._base import Loss
from dovetail.losses.binary_cross_entropy import BinaryCrossEntropy
from dovetail.losses.multi_label_cross_entropy import MultiLabelCrossEntropy

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
    name: str, kind: type[Loss], given: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Keyword values for ``kind`` from those given to a loss called ``name``, and notes.

    >>> from dovetail.losses.softmax_cross_entropy import SoftmaxCrossEntropy
    >>> carry("CrossEntropyLoss", SoftmaxCrossEntropy, {"label_smoothing": 0.1})
    ({'smoothing': 0.1}, [])
    """
    values = {key: _plain(value) for key, value in given.items()}
    notes: list[str] = []
    if "label_smoothing" in values and "smoothing" in kind.__dataclass_fields__:
        values["smoothing"] = values.pop("label_smoothing")
    if kind is BinaryCrossEntropy:
        _binary(name, values, notes)
    if name == "PoissonNLLLoss":
        values.pop("eps", None)  # guards log(0) of a mean; the log mean has none
    own = kind.__dataclass_fields__
    for key in [k for k in values if k not in own and k in _DONE_ANYWAY]:
        value = values.pop(key)
        if value not in _DONE_ANYWAY[key]:
            why = _WHY_NOT.get(key, "this loss has no such choice")
            raise ConfigError(
                f"{name}({key}={value!r}) cannot be carried over to {kind.__name__}: "
                f"{why}.",
                fix=f"leave {key} out",
            )
    return values, notes


def _binary(name: str, values: dict[str, Any], notes: list[str]) -> None:
    """One logit: a vector of one weight is a number, two class weights are a ratio."""
    weight = values.get("pos_weight")
    if isinstance(weight, Sequence) and len(weight) == 1:
        values["pos_weight"] = weight[0]
    pair = values.get("weight")
    if "Cross" in name or "nll" in name.lower() or "cross" in name:
        if isinstance(pair, Sequence) and len(pair) == 2 and min(pair) > 0:
            values.pop("weight")
            values["pos_weight"] = pair[1] / pair[0]
            notes.append(
                f"Class weights {list(pair)} become pos_weight={pair[1] / pair[0]:g}, "
                "their ratio: only it moves the minimum."
            )


def _plain(value: Any) -> Any:
    return value.detach().cpu().flatten().tolist() if isinstance(value, Tensor) else value
