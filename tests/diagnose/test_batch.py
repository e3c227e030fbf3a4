"""Batches as loaders give them, and models as people call them."""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import dovetail
from dovetail.errors import UsageError
from tests.diagnose.programs import VAE, mlp, vae_loss

X, Y = torch.randn(16, 6), torch.arange(16) % 3
CE = nn.CrossEntropyLoss()
Pair = namedtuple("Pair", ["x", "y"])


@dataclass
class Record:
    x: Tensor
    labels: Tensor


class Two(nn.Module):
    """Takes two inputs; ends in a softmax, so that each call has its finding."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(3)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.net(left - right).softmax(1)


class OfPair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = Two()

    def forward(self, pair: tuple[Tensor, Tensor]) -> Tensor:
        return self.net(*pair)


class OfDict(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = Two()

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.net(inputs["a"], inputs["b"])


class Keywords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = Two()

    def forward(self, **inputs: Tensor) -> Tensor:
        return self.net(inputs["a"], inputs["b"])


WRONG = mlp(3, nn.Softmax(1))
BATCHES: dict[str, tuple[nn.Module, Any]] = {
    "a pair": (WRONG, (X, Y)),
    "a list": (WRONG, [X, Y]),
    "a named tuple": (WRONG, Pair(X, Y)),
    "a dict of one input": (WRONG, {"image": X, "label": Y}),
    "a dict with more": (WRONG, {"x": X, "name": ["row"] * 16, "target": Y}),
    "a dict by forward's names": (Two(), {"left": X, "right": -X, "labels": Y}),
    "a dict for forward": (OfDict(), {"a": X, "b": -X, "labels": Y}),
    "a dict of keywords": (Keywords(), ({"a": X, "b": -X}, Y)),
    "a dataclass": (WRONG, Record(X, Y)),
    "three parts": (Two(), (X, -X, Y)),
    "two inputs in one": (Two(), ((X, -X), Y)),
    "a pair that is one input": (OfPair(), ((X, -X), Y)),
    "a loader": (WRONG, DataLoader(TensorDataset(X, Y), batch_size=8)),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch(name: str) -> None:
    model, batch = BATCHES[name]
    if name == "a dict for forward":  # its argument is called "inputs", not "a"
        found = dovetail.diagnose(
            model, CE, batch, forward=lambda net, b: (net(b), b["labels"])
        )
    else:
        found = dovetail.diagnose(model, CE, batch)
    assert [f.rule for f in found] == ["softmax-before-cross-entropy"]


def test_forward_gives_the_arguments_of_the_loss() -> None:
    def four(again: Tensor, x: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
        return vae_loss((again, mu, log_var), x)

    def forward(net: nn.Module, batch: Any) -> tuple[Tensor, ...]:
        again, mu, log_var = net(batch[0])
        return again, batch[0], mu, log_var

    batch = torch.rand(16, 6), Y
    assert dovetail.diagnose(VAE(), four, batch, forward=forward) == []


@pytest.mark.parametrize("softmax", [False, True])
def test_a_model_that_computes_its_loss(softmax: bool) -> None:
    class Net(nn.Module):
        def __init__(self, give: Callable[[Tensor, Tensor], Any]) -> None:
            super().__init__()
            self.net, self.give = mlp(3), give

        def forward(self, x: Tensor, labels: Tensor) -> Any:
            z = self.net(x)
            z = z.softmax(1) if softmax else z
            return self.give(F.cross_entropy(z, labels), z)

    gives: list[Callable[[Tensor, Tensor], Any]] = [
        lambda loss, z: {"loss": loss, "logits": z},
        lambda loss, z: (loss, z),
        lambda loss, z: loss,
    ]
    expected = ["softmax-before-cross-entropy"] * softmax
    for give in gives:
        found = dovetail.diagnose(Net(give), None, {"x": X, "labels": Y})
        assert [f.rule for f in found] == expected
        found = dovetail.diagnose(Net(give), None, (X, Y))
        assert [f.rule for f in found] == expected


def test_a_training_step() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = WRONG

        def training_step(self, batch: Any, index: int) -> Tensor:
            return F.cross_entropy(self.net(batch[0]), batch[1])

    found = dovetail.diagnose(Net(), None, (X, Y))
    assert [f.rule for f in found] == ["softmax-before-cross-entropy"]


def test_several_losses_are_added() -> None:
    def parts(z: Tensor, y: Tensor) -> dict[str, Tensor]:
        return {"a": F.cross_entropy(z, y), "b": z.square().mean()}

    assert dovetail.diagnose(mlp(3), parts, (X, Y)) == []
    found = dovetail.diagnose(WRONG, parts, (X, Y))
    assert [f.rule for f in found] == ["softmax-before-cross-entropy"]


def test_losses_of_rows_are_averaged() -> None:
    each = nn.CrossEntropyLoss(reduction="none")
    assert dovetail.diagnose(mlp(3), each, (X, Y)) == []


@pytest.mark.parametrize(
    ("model", "loss", "batch", "optimizer", "words"),
    [
        (lambda x: x, CE, (X, Y), None, "needs an nn.Module, got function"),
        (WRONG, nn.CrossEntropyLoss, (X, Y), None, "is the class CrossEntropyLoss"),
        (WRONG, "mse", (X, Y), None, "cannot be called"),
        (WRONG, CE, (X, Y), "adam", "no optimizer"),
        (WRONG, CE, 3, None, "A batch of int"),
        (WRONG, CE, (), None, "empty"),
        (WRONG, CE, {"x": X, "z": Y}, None, "None of 'x', 'z'"),
    ],
)
def test_what_cannot_be_meant(
    model: Any, loss: Any, batch: Any, optimizer: Any, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        dovetail.diagnose(model, loss, batch, optimizer=optimizer)
    assert caught.value.fix


def test_the_package_is_its_function() -> None:
    import dovetail.diagnose as package

    assert dovetail.diagnose is package
    assert callable(package)
    assert package.diagnose.__doc__
    batch = X, Y
    assert package(WRONG, CE, batch) == package.diagnose(WRONG, CE, batch)


def test_wrappers_are_taken_off() -> None:
    wrapped = nn.DataParallel(WRONG)
    found = dovetail.diagnose(wrapped, CE, (X, Y))
    assert [f.rule for f in found] == ["softmax-before-cross-entropy"]
    compiled = torch.compile(WRONG, backend="eager")
    assert isinstance(compiled, nn.Module)
    found = dovetail.diagnose(compiled, CE, (X, Y))
    assert [f.rule for f in found] == ["softmax-before-cross-entropy"]
