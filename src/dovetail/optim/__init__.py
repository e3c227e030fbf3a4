"""Optimizers as values, their schedules, and who gets weight decay.

spec = optim.by_name("sgd(lr=0.1)")       or optim.SGD(lr=0.1)
optimizer = spec.build(network)           a torch.optim.Optimizer
factor = spec.schedule(step, total)       group["lr"] = factor * group["initial_lr"]

    spec      update, g the gradient, lr the step's learning rate
    SGD       m <- mu m + g;  w <- w - lr (g + mu m)                       (Nesterov)
    RMSprop   v <- a v + (1-a) g^2;  w <- w - lr g / (sqrt(v) + eps)
    Adagrad   v <- v + g^2;  w <- w - lr g / (sqrt(v) + eps)
    Adam      w <- w - lr m / (sqrt(v) + eps),  m and v bias-corrected means of g, g^2
    AdamW     Adam, and w <- (1 - lr wd) w apart from the gradient
    NAdam     AdamW with Nesterov's look-ahead in m
    RAdam     AdamW that waits with the division until v is known well enough
    Lion      m as in Adam, but w moves by the sign of (nearly) m

These are ``Elementwise``: they can update flat buffers of many networks at once.
``weight_decay`` of SGD, RMSprop, Adagrad and Adam is an L2 term inside the gradient;
the others decay the weights themselves (decoupled). All spare what ``groups`` spares.
"""

from dovetail.optim._base import Spec
from dovetail.optim._elementwise import Elementwise
from dovetail.optim.adagrad import Adagrad
from dovetail.optim.adam import Adam, AdamW
from dovetail.optim.clip import clip_by_global_norm, clip_members
from dovetail.optim.custom import Custom
from dovetail.optim.groups import Trainable, parameter_groups, trainable
from dovetail.optim.lbfgs import LBFGS
from dovetail.optim.lion import Lion, LionOptimizer
from dovetail.optim.muon import Muon, MuonOptimizer, hidden_matrices
from dovetail.optim.nadam import NAdam
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
from dovetail.optim.radam import RAdam
from dovetail.optim.rmsprop import RMSprop
from dovetail.optim.schedule_free import (
    ScheduleFree,
    ScheduleFreeOptimizer,
    set_training,
)
from dovetail.optim.schedules import Constant, OneCycle, Schedule, WarmupCosine
from dovetail.optim.sgd import SGD

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
    "Elementwise",
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
    "clip_members",
    "from_json",
    "hidden_matrices",
    "names",
    "parameter_groups",
    "resolve",
    "schedule_by_name",
    "set_training",
    "trainable",
]
