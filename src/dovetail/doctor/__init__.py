"""The doctor: finds mismatches of output, loss, target and decision in PyTorch code.

Reads source files and never runs them; needs no torch. Imports ``errors`` only.
"""

__all__: list[str] = []
