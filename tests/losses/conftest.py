"""Every loss of the package with example inputs, found by walking, not by listing."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from itertools import product
from typing import Any

import mpmath
import pytest
import torch
from torch import Tensor

from dovetail import losses
from dovetail.losses import Loss

NAN, INF = float("nan"), float("inf")
ROWS = 6
# Relative, against 50-digit arithmetic.
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}


def squared_rows(raw: Tensor, target: Tensor) -> Tensor:
    return (raw - target.to(raw)).square().mean(1)


# Values tried for a parameter of this name, whatever the loss; None is the default.
PARAMETERS: dict[str, list[Any]] = {
    "pos_weight": [None, 3.0],
    "smoothing": [0.0, 0.1],
    "weight": [None, (0.5, 1.0, 2.0, 3.0)],
    "delta": [1.0, 0.3],
    "beta": [1.0, 0.3, 0.0],
    "taus": [(0.1, 0.5, 0.8)],
    "function": [squared_rows],
}


@dataclass
class Example:
    """Inputs for one kind of target, in float64."""

    raw: Tensor
    target: Tensor
    # Raw outputs at which the loss of ``target`` is least.
    perfect: Tensor
    # Targets that a check must refuse.
    outside: list[Tensor]
    # Targets that the pseudo-counts of the best constant stand for.
    pseudo: Tensor | None = None


def _column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).unsqueeze(1)


def _raw(columns: int) -> Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.randn(ROWS, columns, generator=random, dtype=torch.float64) * 2


def yes_or_no() -> Example:
    target = _column(0, 1, 0.3, 1, 0, 0.9)
    return Example(
        raw=_raw(1),
        target=target,
        perfect=target.logit(eps=1e-12),
        outside=[
            target + 1,
            target - 0.5,
            target * NAN,
            target[:, 0],
            target[:4],
            target.long(),
        ],
        pseudo=_column(0, 1),
    )


def one_class() -> Example:
    target = torch.tensor([0, 3, 1, 2, 3, 3])
    perfect = torch.full((ROWS, 4), -50.0).double()
    perfect[torch.arange(ROWS), target] = 50.0
    return Example(
        raw=_raw(4),
        target=target,
        perfect=perfect,
        outside=[
            target + 1,
            target - 1,
            target.int(),
            target.double(),
            target.unsqueeze(1),
            target[:4],
            perfect.sigmoid() * 2,
            -perfect.sigmoid(),
        ],
        pseudo=torch.arange(4),
    )


def labels() -> Example:
    target = torch.tensor(
        [[0, 1, 0.2], [1, 1, 1], [0, 0, 0], [1, 0, 0.7], [0, 0, 1], [0, 1, 0]],
        dtype=torch.float64,
    )
    return Example(
        raw=_raw(3),
        target=target,
        perfect=target.logit(eps=1e-12),
        outside=[target + 1, target - 0.5, target[:, :2], target[:4], target.long()],
        pseudo=torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]).double(),
    )


def at_least_one_label() -> Example:
    target = torch.tensor(
        [[0, 1, 0], [1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]],
        dtype=torch.float64,
    )
    return Example(
        raw=_raw(3),
        target=target,
        perfect=(target.clamp(min=1e-30)).log(),
        outside=[target * 0, target / 2, target * NAN, target[:, :2], target[:4]],
        pseudo=torch.eye(3).double(),
    )


def rank() -> Example:
    target = torch.tensor([0, 3, 1, 2, 3, 1])
    perfect = torch.where(target.unsqueeze(1) > torch.arange(3), 50.0, -50.0).double()
    return Example(
        raw=_raw(3),
        target=target,
        perfect=perfect,
        outside=[target + 1, target - 1, target.double(), target.unsqueeze(1)],
    )


def numbers() -> Example:
    target = _raw(2).flip(0) * 1.7 + 0.3
    return Example(
        raw=_raw(2),
        target=target,
        perfect=target,
        outside=[target * NAN, target / 0, target[:, :1], target[:4], target.long()],
    )


def one_number() -> Example:
    target = _raw(1).flip(0) * 1.7 + 0.3
    return Example(
        raw=_raw(3),
        target=target,
        perfect=target.expand(-1, 3),
        outside=[target * NAN, target[:, 0], target.expand(-1, 3), target[:4]],
    )


def count() -> Example:
    target = _column(0, 1, 3, 20, 1000, 2)
    return Example(
        raw=_raw(1),
        target=target,
        perfect=target.clamp(min=1e-300).log(),
        outside=[target - 1, target * NAN, target / 0, target[:, 0], target[:4]],
    )


# By ``Loss.takes``: a loss of a known kind of target needs no entry of its own.
BY_TARGET = {
    "one yes or no in each row": yes_or_no,
    "one class in each row": one_class,
    "several yes/no labels in each row": labels,
    "at least one label in each row": at_least_one_label,
    "one rank in each row": rank,
    "numbers": numbers,
    "one number": one_number,
    "one count >= 0 in each row": count,
    "any target": numbers,
}


def final_losses() -> list[type[Loss]]:
    """All final losses defined in the package, exported or not."""
    found = []
    for module in pkgutil.iter_modules(losses.__path__):
        full = f"dovetail.losses.{module.name}"
        for member in vars(importlib.import_module(full)).values():
            defined_here = getattr(member, "__module__", None) == full
            if defined_here and isinstance(member, type) and issubclass(member, Loss):
                abstract = inspect.isabstract(member)
                final = getattr(member, "__final__", False)
                assert abstract != final, f"{member} is neither abstract nor final"
                found += [] if abstract else [member]
    return found


def variants(kind: type[Loss]) -> list[Loss]:
    """The loss at all tried values of its parameters."""
    names = [f.name for f in fields(kind)]
    for f in fields(kind):
        assert f.kw_only, f"{kind.__name__}.{f.name} is not keyword-only"
        assert f.name in PARAMETERS or f.default is not MISSING, (
            f"no value to try for {kind.__name__}.{f.name}"
        )
    values = [PARAMETERS[name] for name in names]
    return [
        kind(**dict(zip(names, chosen, strict=True))) for chosen in product(*values)
    ]


def describe(loss: Any) -> str:
    changed = [
        f"{f.name}={getattr(loss, f.name)}"
        for f in fields(loss)
        if f.name != "function" and getattr(loss, f.name) != f.default
    ]
    return type(loss).__name__ + "".join(f"-{text}" for text in changed)


ALL = [loss for kind in final_losses() for loss in variants(kind)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if not metafunc.module.__name__.endswith("test_every_loss"):
        return
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", final_losses(), ids=lambda k: k.__name__)
    elif "loss" in metafunc.fixturenames:
        metafunc.parametrize("loss", ALL, ids=describe)


@pytest.fixture
def example(loss: Loss) -> Example:
    return BY_TARGET[loss.takes]()


@pytest.fixture(params=list(TOLERANCE), ids=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> Iterator[torch.dtype]:
    """A precision; mpmath counts 50 digits meanwhile."""
    with mpmath.workdps(50):
        yield request.param
