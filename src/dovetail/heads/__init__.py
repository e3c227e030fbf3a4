"""Heads: features (n, d) to raw outputs (n, k)."""

from dovetail.heads.linear import linear

__all__ = ["linear"]
