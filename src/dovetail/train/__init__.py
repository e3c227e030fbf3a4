"""Training: one loop, and the rows it runs over."""

from dovetail.train.loop import Plan, Progress, Trained, train
from dovetail.train.order import cuda_devices, row_order
from dovetail.train.rows import Rows, raw_outputs
from dovetail.train.threads import threads, threads_for

__all__ = [
    "Plan",
    "Progress",
    "Rows",
    "Trained",
    "cuda_devices",
    "raw_outputs",
    "row_order",
    "threads",
    "threads_for",
    "train",
]
