"""plan, fit, load, Model: ties the parts together and holds no mathematics."""

from dovetail.estimator.config import Config
from dovetail.estimator.fitting import fit
from dovetail.estimator.model import Model, load
from dovetail.estimator.planning import Planned, plan
from dovetail.train import Progress

__all__ = ["Config", "Model", "Planned", "Progress", "fit", "load", "plan"]
