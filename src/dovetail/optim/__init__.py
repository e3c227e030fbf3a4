"""Optimizers as values, their schedules, and who gets weight decay.

spec = optim.by_name("sgd(lr=0.1)")       or optim.SGD(lr=0.1)
optimizer = spec.build(network)           a torch.optim.Optimizer
factor = spec.schedule(step, total)       group["lr"] = factor * group["initial_lr"]
"""

from dovetail.optim._base import Spec
from dovetail.optim.clip import clip_by_global_norm
from dovetail.optim.custom import Custom
from dovetail.optim.groups import Trainable, parameter_groups, trainable
from dovetail.optim.lbfgs import LBFGS
from dovetail.optim.lion import Lion, LionOptimizer
from dovetail.optim.muon import Muon, MuonOptimizer, hidden_matrices
from dovetail.optim.names import (
    PRESETS,
    SCHEDULES,
    SPECS,
    by_name,
    from_json,
    names,
    resolve,
    schedule_by_name,
)
from dovetail.optim.optimizers import SGD, Adagrad, Adam, AdamW, NAdam, RAdam, RMSprop
from dovetail.optim.schedule_free import (
    ScheduleFree,
    ScheduleFreeOptimizer,
    set_training,
)
from dovetail.optim.schedules import Constant, OneCycle, Schedule, WarmupCosine

__all__ = [
    "LBFGS",
    "PRESETS",
    "SCHEDULES",
    "SGD",
    "SPECS",
    "Adagrad",
    "Adam",
    "AdamW",
    "Constant",
    "Custom",
    "Lion",
    "LionOptimizer",
    "Muon",
    "MuonOptimizer",
    "NAdam",
    "OneCycle",
    "RAdam",
    "RMSprop",
    "Schedule",
    "ScheduleFree",
    "ScheduleFreeOptimizer",
    "Spec",
    "Trainable",
    "WarmupCosine",
    "by_name",
    "clip_by_global_norm",
    "from_json",
    "hidden_matrices",
    "names",
    "parameter_groups",
    "resolve",
    "schedule_by_name",
    "set_training",
    "trainable",
]
