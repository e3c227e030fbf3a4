"""The peers by name: where each stands, its options, what it does in a step.

All shuffle once an epoch, take every row once, and update with Adam at a constant
0.001; ``says`` names what differs from the tutorial's step.
"""

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.loop.peers._base import Loop


@dataclass(frozen=True)
class Peer:
    """``module`` of this package holds ``Loop(**options)``; ``env`` of its process."""

    module: str
    says: str
    options: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)

    def make(self) -> "Loop":
        return import_module(f"benchmarks.loop.peers.{self.module}").Loop(
            **self.options
        )


FROM_LIBRARY = "the library's own loop over a DataLoader; no metric, no logging"
HAND = "slices of rows shuffled once an epoch, fused Adam, no synchronisation"
PRODUCTS = "forward, input and weight gradients as matrix products; nothing is learnt"
KERAS = "model.fit on arrays; Keras' own Adam and initial weights"

PEERS = {
    "naive": Peer(
        "naive", "DataLoader over a TensorDataset, loss.item() each step, Adam"
    ),
    "hand": Peer("hand", HAND),
    "hand-bfloat16": Peer("hand", f"{HAND}; autocast", {"bfloat16": True}),
    "compiled": Peer("hand", f"{HAND}; torch.compile of the step", {"compile": True}),
    "compiled-bfloat16": Peer(
        "hand", f"{HAND}; torch.compile, autocast", {"compile": True, "bfloat16": True}
    ),
    "dovetail": Peer("dovetail", "dovetail.train.train, everything chosen by itself"),
    "dovetail-eager": Peer(
        "dovetail", "the same, not compiled", {"compiled": False}
    ),
    "dovetail-float32": Peer(
        "dovetail", "the same, float32, compiled",
        {"precision": "float32", "compiled": True},
    ),
    "dovetail-bfloat16": Peer(
        "dovetail", "the same, bfloat16, compiled",
        {"precision": "bfloat16", "compiled": True},
    ),
    "skorch": Peer("skorch", FROM_LIBRARY),
    "fastai": Peer("fastai", f"{FROM_LIBRARY} but its Recorder; torch's Adam"),
    "lightning": Peer("lightning", FROM_LIBRARY),
    "transformers": Peer(
        "transformers", f"{FROM_LIBRARY}; AdamW without decay, no gradient clipping"
    ),
    "keras-torch": Peer("keras", KERAS, env={"KERAS_BACKEND": "torch"}),
    "keras-jax": Peer(
        "keras", f"{KERAS}; the step compiled by XLA", env={"KERAS_BACKEND": "jax"}
    ),
    "scikit-learn": Peer(
        "scikit_learn", "MLPClassifier.partial_fit, NumPy, its own Adam and weights"
    ),
    "limit": Peer("limit", PRODUCTS),
    "limit-bfloat16": Peer("limit", PRODUCTS, {"bfloat16": True}),
}  # fmt: skip

# Those whose ratios matter on every size; the others run on the main cases.
LADDER = (
    "naive", "hand", "hand-bfloat16", "dovetail", "dovetail-eager",
    "dovetail-float32", "dovetail-bfloat16", "limit", "limit-bfloat16",
)  # fmt: skip
