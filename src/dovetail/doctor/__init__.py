"""The doctor: finds mismatches of output, loss, target and decision in PyTorch code.

Reads source files and never runs them; needs no torch. Imports ``errors`` only.

>>> from dovetail import doctor
>>> doctor.check([])
[]
"""

from dovetail.doctor.run import check

__all__ = ["check"]
