"""Reports: numbers, the chain in words, figures, one page and a model card."""

from dovetail.report.card import card
from dovetail.report.evaluate import evaluate, figures
from dovetail.report.growth import learning_curve
from dovetail.report.layout import as_text, chain_in
from dovetail.report.page import page
from dovetail.report.words import chain

__all__ = [
    "as_text",
    "card",
    "chain",
    "chain_in",
    "evaluate",
    "figures",
    "learning_curve",
    "page",
]
