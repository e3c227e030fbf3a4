"""dovetail: supervised learning on PyTorch where everything follows from the target.

Names load on first use, so ``import dovetail`` imports no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dovetail._version import __version__

if TYPE_CHECKING:
    from dovetail import decisions, doctor, errors, losses, metrics, optim, tasks
    from dovetail.diagnose import diagnose
    from dovetail.estimator import Model, fit, learning_curve, load, plan
    from dovetail.sklearn import Classifier, Regressor
    from dovetail.tasks import infer_task

# name -> where it lives; a module of that name if the value is the module itself
_HOMES = {
    "Classifier": "dovetail.sklearn",
    "Model": "dovetail.estimator",
    "Regressor": "dovetail.sklearn",
    "decisions": "dovetail.decisions",
    "diagnose": "dovetail.diagnose",
    "doctor": "dovetail.doctor",
    "errors": "dovetail.errors",
    "fit": "dovetail.estimator",
    "infer_task": "dovetail.tasks",
    "learning_curve": "dovetail.estimator",
    "load": "dovetail.estimator",
    "losses": "dovetail.losses",
    "metrics": "dovetail.metrics",
    "optim": "dovetail.optim",
    "plan": "dovetail.estimator",
    "tasks": "dovetail.tasks",
}

__all__ = [
    "Classifier",
    "Model",
    "Regressor",
    "__version__",
    "decisions",
    "diagnose",
    "doctor",
    "errors",
    "fit",
    "infer_task",
    "learning_curve",
    "load",
    "losses",
    "metrics",
    "optim",
    "plan",
    "tasks",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dovetail' has no attribute {name!r}")
    home = import_module(_HOMES[name])
    return home if home.__name__ == f"dovetail.{name}" else getattr(home, name)


def __dir__() -> list[str]:
    return sorted(__all__)
