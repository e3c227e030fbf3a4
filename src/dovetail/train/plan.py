"""What a caller says of a training; the rest follows from rows and networks."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how to train; the learning rate lives in the optimizer spec.

    ``None`` and "auto" are chosen by fixed rules (``train/choices.py``).
    """

    epochs: int
    batch_size: int
    seed: int
    patience: int  # epochs without improvement before stopping
    clip: float | None = None  # global gradient norm
    stop_after: int | None = None  # end here, on the schedule of ``epochs``
    average: bool = False  # score and keep the moving average of the weights
    precision: str = "auto"  # of products: "float32", "tf32" or "bfloat16"
    compiled: bool | None = None  # steps as native programs
    threads: int | None = None
    micro_batch: int | None = None  # rows at once; the effective batch stays
    checkpoint_every_s: float = 30.0
