"""What names say, where nothing else does: labels, models.

Only used for what nobody in the project calls.
"""

import re
from typing import Final

_LABEL: Final = re.compile(
    r"^(y|yb|ys|t|gt|y_?(true|batch|train|test|val|b|t)|batch_?y|(true_?)?"
    r"(label|target|lbl|tgt|truth|annotation|class)(e?s)?(_\w+)?|ground_?truth"
    r"|\w+_labels?|\w+_targets?)$",
    re.I,
)
_MODEL: Final = re.compile(r"^_?(model|net|network|clf|classifier|module|nn)$", re.I)


def is_label(name: str) -> bool:
    """Is a value of this name a target?

    >>> [is_label(n) for n in ("y", "labels", "target_ids", "x")]
    [True, True, True, False]
    """
    return _LABEL.match(name) is not None


def is_model(name: str) -> bool:
    """Is a value of this name a network?"""
    return _MODEL.match(name) is not None
