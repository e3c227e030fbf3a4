"""The named moments inside saving a checkpoint, at which tests kill the process.

``DOVETAIL_KILL_AT=before-rename`` ends the process by SIGKILL the first time it comes
to that moment, ``before-rename:3`` the third time. Without the variable, which is read
once at import, ``at`` does nothing.
"""

import os
import signal
from itertools import count

POINTS = (
    "before-folder",  # nothing written yet
    "state-written",
    "tensors-written",
    "manifest-written",
    "before-rename",  # complete and flushed, under a hidden name
    "after-rename",  # in place, the name not flushed yet
    "before-prune",
    "mid-prune",  # an old one renamed aside, not deleted yet
    "after-prune",
)

_POINT, _, _TIME = os.environ.get("DOVETAIL_KILL_AT", "").partition(":")
_passes = count(1)


def at(point: str) -> None:
    """The process has come to ``point``."""
    if point == _POINT and next(_passes) == int(_TIME or 1):
        os.kill(os.getpid(), signal.SIGKILL)
