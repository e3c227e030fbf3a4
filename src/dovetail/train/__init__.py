"""Training: one loop, and the rows it runs over."""

from dovetail.train.answers import row_outputs
from dovetail.train.checkpoint import Checkpoint, Checkpoints
from dovetail.train.choices import Choices, check_precision
from dovetail.train.loop import Progress, train, train_members
from dovetail.train.order import cuda_devices, row_order
from dovetail.train.plan import Plan
from dovetail.train.rows import Rows, raw_outputs
from dovetail.train.stop import Stop
from dovetail.train.threads import threads
from dovetail.train.trained import Trained

__all__ = [
    "Checkpoint",
    "Checkpoints",
    "Choices",
    "Plan",
    "Progress",
    "Rows",
    "Stop",
    "Trained",
    "check_precision",
    "cuda_devices",
    "raw_outputs",
    "row_order",
    "row_outputs",
    "threads",
    "train",
    "train_members",
]
