"""Backbones: features in, a vector (n, d) for each row out; no tasks in here."""

from dovetail.backbones.bins import quantile_bins
from dovetail.backbones.dropout import Dropout
from dovetail.backbones.embeddings import Categories, PiecewiseLinear
from dovetail.backbones.ensemble import Ensemble
from dovetail.backbones.flat import Flat, flat_width
from dovetail.backbones.network import Network
from dovetail.backbones.tabular import Tabular, TabularShape

__all__ = [
    "Categories",
    "Dropout",
    "Ensemble",
    "Flat",
    "Network",
    "PiecewiseLinear",
    "Tabular",
    "TabularShape",
    "flat_width",
    "quantile_bins",
]
