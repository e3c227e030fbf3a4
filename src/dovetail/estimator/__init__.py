"""plan, fit, load, Model: ties the parts together and holds no mathematics."""

from dovetail.estimator.config import Config
from dovetail.estimator.fitting import fit
from dovetail.estimator.growing import LearningCurve, curve_of, learning_curve
from dovetail.estimator.model import Model, load
from dovetail.estimator.planning import Planned, plan
from dovetail.train import Progress

__all__ = [
    "Config",
    "LearningCurve",
    "Model",
    "Planned",
    "Progress",
    "curve_of",
    "fit",
    "learning_curve",
    "load",
    "plan",
]
