"""Checkpoints of a run: complete or not there, checked before use, written aside."""

from dovetail.train.checkpoint.files import Checkpoint
from dovetail.train.checkpoint.points import POINTS
from dovetail.train.checkpoint.store import Checkpoints

__all__ = ["POINTS", "Checkpoint", "Checkpoints"]
