"""The model folder: what a fit learnt, as plain files without code."""

from dovetail.artifact.format import Parts
from dovetail.artifact.load import load, unpack
from dovetail.artifact.run import run_record
from dovetail.artifact.save import pack, save

__all__ = ["Parts", "load", "pack", "run_record", "save", "unpack"]
