"""All that a forward, a backward and a step may change, put back to the bit."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer


@contextmanager
def kept(modules: Sequence[nn.Module], optimizers: Sequence[Any]) -> Iterator[None]:
    """Inside, anything may be run; outside, nothing has happened.

    Kept are parameters, buffers, gradients, attributes and modes of every module, the
    state of the optimizers, and the generators of torch, numpy and Python.
    """
    dice = _Dice()
    saved = [_Module(m) for root in modules for m in root.modules()]
    optimizer_states = [_Optimizer(o) for o in optimizers if isinstance(o, Optimizer)]
    try:
        yield
    finally:
        for module in saved:
            module.put_back()
        for optimizer in optimizer_states:
            optimizer.put_back()
        dice.put_back()


class _Dice:
    """The random generators."""

    def __init__(self) -> None:
        self.torch = torch.get_rng_state()
        self.cuda: list[Tensor] = []
        if torch.cuda.is_available():
            self.cuda = torch.cuda.get_rng_state_all()
        self.numpy = np.random.get_state()
        self.python = random.getstate()

    def put_back(self) -> None:
        torch.set_rng_state(self.torch)
        if self.cuda:
            torch.cuda.set_rng_state_all(self.cuda)
        np.random.set_state(self.numpy)
        random.setstate(self.python)


class _Held:
    """A tensor, what was in it, and its gradient."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.grad = tensor.grad if tensor.is_leaf else None
        self.grad_was = None if self.grad is None else self.grad.detach().clone()
        self.requires_grad = tensor.requires_grad
        self.was = None
        with suppress(RuntimeError, NotImplementedError):  # lazy ones hold nothing yet
            self.was = tensor.detach().clone()

    def put_back(self) -> None:
        with torch.no_grad():
            if self.was is not None and self.tensor.shape == self.was.shape:
                self.tensor.detach().copy_(self.was)
            if self.grad is not None and self.grad_was is not None:
                self.grad.copy_(self.grad_was)
        if self.tensor.is_leaf:
            self.tensor.grad = self.grad
            self.tensor.requires_grad_(self.requires_grad)


class _Module:
    """One module without its children."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.attributes = dict(vars(module))
        # Lists that a forward appends to, and the dicts of parameters and buffers.
        self.inside = {
            name: value.copy()
            for name, value in self.attributes.items()
            if type(value) in (list, dict, set)
        }
        own: list[Tensor] = [
            t
            for t in (*module._parameters.values(), *module._buffers.values())
            if t is not None
        ]
        own += [
            value
            for value in self.attributes.values()
            if isinstance(value, Tensor) and value.is_leaf
        ]
        self.held = [_Held(tensor) for tensor in own]

    def put_back(self) -> None:
        now = vars(self.module)
        for name in now.keys() - self.attributes.keys():
            del now[name]
        now.update(self.attributes)
        for name, before in self.inside.items():
            value = now[name]
            if isinstance(value, list):
                value[:] = before
            elif isinstance(value, dict | set):
                value.clear()
                value.update(before)
        for held in self.held:
            held.put_back()


class _Optimizer:
    """Moments, counts and settings of an optimizer."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.attributes = dict(vars(optimizer))
        self.state = {key: _copied(value) for key, value in optimizer.state.items()}
        self.live = dict(optimizer.state.items())
        self.groups = [dict(group) for group in optimizer.param_groups]

    def put_back(self) -> None:
        now = vars(self.optimizer)
        for name in now.keys() - self.attributes.keys():
            del now[name]
        now.update(self.attributes)
        self.optimizer.state.clear()
        for key, before in self.state.items():
            live = self.live[key]
            _restore(live, before)
            self.optimizer.state[key] = live
        for group, before in zip(self.optimizer.param_groups, self.groups, strict=True):
            group.clear()
            group.update(before)


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_copied(v) for v in value]
    return value


def _restore(live: Any, before: Any) -> None:
    """Bring a dict of moments back, its tensors being the same objects."""
    if not isinstance(live, dict):
        return
    for key in live.keys() - before.keys():
        del live[key]
    for key, was in before.items():
        now = live.get(key)
        if isinstance(now, Tensor) and isinstance(was, Tensor):
            if now.shape == was.shape:
                now.copy_(was)
        elif isinstance(was, dict) and isinstance(now, dict):
            _restore(now, was)
        else:
            live[key] = was
