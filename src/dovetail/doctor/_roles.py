"""Which value is an optimizer, a schedule or a network, and what tells two apart."""

from typing import Final

from dovetail.doctor._events import Key
from dovetail.doctor._library import OPTIMIZERS
from dovetail.doctor._values import Instance, Items, Layer, Unknown, Value

_OPTIMIZERS: Final = frozenset(
    (
        *OPTIMIZERS,
        "Rprop",
        "ASGD",
        "Adafactor",
        "SparseAdam",
        "Muon",
        "Lion",
        "Lamb",
        "LAMB",
        "FusedAdam",
        "AdamW8bit",
        "Adam8bit",
        "AdaBelief",
    )
)


def key_of(value: Value | None) -> Key | None:
    """Where something was made, which tells it from others of its kind."""
    match value:
        case Layer(node=node):
            return node
        case Instance(node=node, info=info):
            return node or info.node
        case Items(node=node):
            return node
        case Unknown(name=name) if name:
            return name
    return None


def optimizer_of(value: Value | None) -> Value | None:
    """The value, if it is an optimizer."""
    if isinstance(value, Layer):
        last = value.name.rpartition(".")[2]
        if value.name.startswith("torch.optim.") and "lr_scheduler" not in value.name:
            return value
        return value if last in _OPTIMIZERS else None
    if isinstance(value, Instance) and value.info.is_a("Optimizer"):
        return value
    return None


def scheduler_of(value: Value | None) -> Value | None:
    """The value, if it is a schedule of a learning rate of torch or transformers."""
    if isinstance(value, Layer):
        name = value.name
        last = name.rpartition(".")[2]
        if "lr_scheduler" in name and last != "ReduceLROnPlateau":
            return value
    return None


def model_of(value: Value | None) -> Value | None:
    """The value, if it is a network: a module, of the project or of a library."""
    if isinstance(value, Instance) and value.info.is_module():
        return value if not value.info.node.name.lower().endswith("loss") else None
    if isinstance(value, Layer):
        last = value.name.rpartition(".")[2]
        if value.name.startswith("torch.nn.") and not last.endswith("Loss"):
            return value
        if value.name.startswith(("torchvision.models.", "timm.")):
            return value
    if isinstance(value, Items) and value.kind in ("sequential", "modulelist"):
        return value
    return None
