"""The doctor at run time: ``dovetail.diagnose(model, loss, batch)``.

One batch goes through model, loss and optimizer; findings of the doctor's catalogue
come back, and everything is as it was before. ``dovetail.doctor.watch`` looks on while
a loop of your own runs.

The package itself can be called, since ``dovetail.diagnose`` names it and the function.
"""

import sys
from types import ModuleType
from typing import Any

from dovetail.diagnose.run import diagnose
from dovetail.doctor._base import Finding

__all__ = ["diagnose"]


class _Callable(ModuleType):
    """A package that is called as its function."""

    def __call__(self, *args: Any, **kwargs: Any) -> list[Finding]:
        return diagnose(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
