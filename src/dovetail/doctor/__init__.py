"""The doctor: finds mismatches of output, loss, target and decision in PyTorch code.

Reads source files and never runs them; needs no torch. Imports ``errors`` only.
``watch`` looks on while a training loop runs; it is loaded, and torch with it, when it
is asked for.

>>> from dovetail import doctor
>>> doctor.check([])
[]
"""

from importlib import import_module
from typing import Any

from dovetail.doctor.run import check

__all__ = ["check", "watch"]


def __getattr__(name: str) -> Any:
    if name != "watch":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("dovetail.diagnose.watching").watch
