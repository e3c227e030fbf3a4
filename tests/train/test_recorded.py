"""What may be recorded as a program, what is not, and what makes it another one."""

import random
import re
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.fx.experimental.proxy_tensor import make_fx

from dovetail import losses, optim
from dovetail.train import Rows, train
from dovetail.train.native import kept
from dovetail.train.step import Step
from tests.optim._members import STACKS
from tests.train.engine import (
    FULL,
    SGD,
    Own,
    both,
    close,
    long,
    plan,
    rows,
    same_bits,
    small,
    state_of,
)

SQUARED = losses.Squared()


@pytest.mark.parametrize("name", STACKS)
def test_every_optimizer_is_recorded_as_it_is(name: str, recorded: None) -> None:
    """Five steps an epoch, the third program of two with one that is left out."""
    spec = STACKS[name][2]
    both(small, rows(35, weighted=True), long(epochs=15, **FULL), 1e-12, spec)


def test_eight_steps_in_a_program_are_eight_eager_ones(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as small networks get; the last of an epoch has five rows of eight."""
    monkeypatch.setattr("dovetail.train.choices.BLOCKS", (8,))
    trained = both(small, rows(61, weighted=True), long(**FULL), 1e-12)
    assert trained.choices.compiled == 8


def relative(raw: Tensor, target: Tensor) -> Tensor:
    """Infinite where a target is 0; none of the data is."""
    return ((raw - target) / target).abs().mean(1)


def of_logarithms(raw: Tensor, target: Tensor) -> Tensor:
    return (raw - target.log()).square().mean(1)


@pytest.mark.parametrize("function", [relative, of_logarithms])
def test_rows_that_fill_up_a_batch_have_losses_of_real_ones(
    function, recorded: None
) -> None:
    """Four steps an epoch, the last with eight rows of nine; all of them recorded."""
    data = rows(35)
    data = Rows(data.numbers, data.categories, data.target.exp())
    one, other, loss = small(), small(), losses.Custom(function=function)
    trained = train(one, loss, SGD, data, long(epochs=20, batch_size=9))
    train(other, loss, SGD, data, long(epochs=20, batch_size=9, compiled=False))
    assert trained.notes == []
    assert trained.choices.compiled == 2
    close(one, other, 1e-12)


class Counting(Own):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__(inner)
        self.count = 0

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        self.count += 1
        return self.inner(numbers) / self.count


class Inherits(Counting):
    """Does nothing of its own."""


class Tossing(Own):
    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.inner(numbers) * random.Random(len(numbers)).random()


class Drawing(Own):
    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        if self.training:
            numbers = numbers + 0.1 * torch.randn_like(numbers)
        return self.inner(numbers)


class Branching(Own):
    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        out = self.inner(numbers)
        return out if numbers.sum() > 0 else -out


class Listing(Own):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__(inner)
        self.seen: list[int] = []

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        if self.training:
            self.seen.append(len(numbers))
        return self.inner(numbers) * (1 + len(self.seen) % 2)


class Scaled(Own):
    """Has a number that is no part of its state: constants of a program."""

    def __init__(self, inner: nn.Module, factor: float) -> None:
        super().__init__(inner)
        self.factor = factor

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.inner(numbers) * torch.tensor(self.factor)


def test_an_effect_that_nothing_shows_is_noticed_by_the_loss(recorded: None) -> None:
    """A list grows in a call like any other; in a recording it has one length."""
    trained = train(Listing(small().module), SQUARED, SGD, rows(35), long())
    [note] = trained.notes
    assert "gave another loss than the network itself" in note
    assert trained.choices.compiled == 0
    assert len(trained.history) == 18


def hooked(inner: nn.Module) -> nn.Module:
    network = Own(inner)
    inner.register_forward_hook(lambda module, given, out: out * 0.5)
    return network


def patched(inner: nn.Module) -> nn.Module:
    network = Own(inner)
    old = inner.forward
    inner.forward = lambda x: 0.5 * old(x)
    return network


class Helped(Own):
    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.inner(numbers) * shaken(len(numbers))


def shaken(seed: int) -> float:
    return tossed(seed) + 1


def tossed(seed: int) -> float:
    return random.Random(seed).random()


def with_gradient_hook(inner: nn.Module) -> nn.Module:
    inner[0].weight.register_hook(lambda gradient: 0.5 * gradient)
    return Own(inner)


def with_backward_pre_hook(inner: nn.Module) -> nn.Module:
    inner[3].register_full_backward_pre_hook(lambda module, given: None)
    return Own(inner)


SAID = {
    Helped: r"Helped\.forward calls shaken, which calls tossed, which uses random",
    with_gradient_hook: r"has hooks",
    with_backward_pre_hook: r"has hooks",
    Counting: r"Counting\.forward stores something \(count\)",
    Inherits: r"Counting\.forward stores something",
    Tossing: r"Tossing\.forward uses random",
    Drawing: r"draws noise of its own",
    Branching: r"DataDependent|GuardOnData|data-dependent",
    hooked: r"has hooks",
    patched: r"forward was replaced",
    lambda inner: Own(nn.Sequential(inner, nn.AlphaDropout(0.1))): r"layer draws",
}


@pytest.mark.parametrize(("make", "said"), SAID.items(), ids=SAID.values())
def test_code_that_may_do_more_than_tensors_is_not_compiled(
    make, said: str, forbidden: None
) -> None:
    one, other = make(small().module), make(small().module)
    trained = train(one, SQUARED, SGD, rows(43), long(epochs=14))
    train(other, SQUARED, SGD, rows(43), plan(epochs=14))
    [note] = trained.notes
    assert note.startswith("Steps are not compiled: ")
    assert re.search(said, note)
    assert trained.choices.compiled == 0
    same_bits(one, other)


class Counter:
    """A loss that is an object, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, raw: Tensor, target: Tensor) -> Tensor:
        self.calls += 1
        return (raw - target).square().mean(1) / (1 + self.calls % 2)

    def method(self, raw: Tensor, target: Tensor) -> Tensor:
        return self(raw, target)


def tossing(raw: Tensor, target: Tensor, power: int = 2) -> Tensor:
    return (raw - target).abs().pow(power).mean(1) * shaken(len(raw))


def clouded(raw: Tensor, target: Tensor) -> Tensor:
    return (raw - target + 0.1 * torch.randn_like(raw)).square().mean(1)


class Layer(nn.Module):
    """A loss that is a module, as torch's are."""

    def forward(self, raw: Tensor, target: Tensor) -> Tensor:
        self.last = (raw - target).square().mean(1)
        return self.last


LOSSES = {
    r"Counter\.__call__ stores something \(calls\)": Counter,
    r"Counter\.method|stores something": lambda: Counter().__call__,
    r"tossing calls shaken, which calls tossed": lambda: tossing,
    r"tossing calls sh": lambda: partial(tossing, power=1),
    r"in the loss Layer Layer\.forward stores something \(last\)": Layer,
    r"draws noise of its own": lambda: clouded,
}


@pytest.mark.parametrize(("said", "make"), LOSSES.items(), ids=LOSSES)
def test_a_loss_that_may_do_more_than_tensors_is_not_compiled(
    said: str, make, forbidden: None
) -> None:
    one, other = small(), small()
    trained, _ = (
        train(network, losses.Custom(function=make()), SGD, rows(43), given)
        for network, given in ((one, long(epochs=14)), (other, plan(epochs=14)))
    )
    [note] = trained.notes
    assert note.startswith("Steps are not compiled: ")
    assert re.search(said, note)
    same_bits(one, other)


def test_a_loss_with_an_effect_that_nothing_shows_is_noticed(recorded: None) -> None:
    """In the second epoch of programs; in the first it is what was recorded."""
    seen: list[int] = []

    def growing(raw: Tensor, target: Tensor) -> Tensor:
        seen.append(len(raw))
        return (raw - target).square().mean(1) * (1 if len(seen) < 80 else 2)

    loss = losses.Custom(function=growing)
    trained = train(small(), loss, SGD, rows(35), long(epochs=40))
    [note] = trained.notes
    assert "gave another loss than the network itself" in note
    assert trained.choices.compiled == 0


@pytest.mark.parametrize(
    ("make", "loss", "often"),
    [
        (small, SQUARED, False),
        (lambda: Own(small().module), SQUARED, True),
        (small, losses.Custom(function=of_logarithms), True),
    ],
    ids=["known", "network", "loss"],
)
def test_what_is_known_is_compared_once(
    make, loss: losses.Loss, often: bool, recorded: None, monkeypatch
) -> None:
    """Programs begin with the 14th epoch of five steps, of which four are theirs."""
    asked = []
    whole = Step.row_losses

    def counting(self: Step, part: Rows, place: int) -> Tensor:
        asked.append(place)
        return whole(self, part, place)

    monkeypatch.setattr(Step, "row_losses", counting)
    data = rows(35)
    data = Rows(data.numbers, data.categories, data.target.exp())
    trained = train(make(), loss, SGD, data, long(epochs=17))
    assert trained.notes == []
    assert asked == [0] * (4 if often else 1)


def test_without_a_compiler_it_trains_eagerly_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "torch._inductor.cpp_builder.get_cpp_compiler", lambda: "no-g++"
    )
    one, other = small(), small()
    trained = train(one, SQUARED, SGD, rows(43), long(epochs=14))
    train(other, SQUARED, SGD, rows(43), plan(epochs=14))
    assert trained.notes == [
        "Steps are not compiled: there is no C++ compiler (g++) on this machine."
    ]
    same_bits(one, other)


def test_a_compiler_that_fails_is_told_of(
    monkeypatch: pytest.MonkeyPatch, programs: Path
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no space\nand more")

    monkeypatch.setattr(kept, "_compile", fails)
    network = small(dtype=torch.float32)
    data = rows(43, dtype=torch.float32)
    trained = train(network, SQUARED, SGD, data, long(epochs=14))
    assert trained.notes == ["Steps are not compiled: RuntimeError: no space."]


def test_whatever_changes_the_steps_makes_another_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what is an input of them does not: weights, seed, rate."""
    asked: list[str] = []

    def compile_(graph: object, example: object, place: Path) -> None:
        asked.append(place.name)
        raise RuntimeError

    def place_of(
        spec: optim.Spec = SGD, costs: tuple[float, ...] = (1.0, 2.0), p: float = 0.3,
        batch: int = 8, clip: float | None = None, seed: int = 0, factor: float = 2.0,
    ) -> str:  # fmt: skip
        inner, data = small(seed).module, rows(35)
        inner[2].p = p
        network = Scaled(inner, factor)
        labels = (data.target[:, 0] > 0).long()
        data = Rows(data.numbers, data.categories, labels)
        loss = losses.SoftmaxCrossEntropy(weight=costs)
        train(network, loss, spec, data, long(batch_size=batch, clip=clip, seed=seed))
        return asked[-1]

    monkeypatch.setattr(kept, "_compile", compile_)
    monkeypatch.setattr("dovetail.train.choices.SMALL", 0)
    first = place_of()
    assert place_of(seed=3) == first
    assert place_of(SGD.with_lr(0.01)) == first
    others = [
        place_of(costs=(1.0, 3.0)), place_of(p=0.4), place_of(batch=7),
        place_of(clip=1.0), place_of(optim.Lion()), place_of(factor=3.0),
    ]  # fmt: skip
    assert len({first, *others}) == 7
    assert len(asked) == 9


def test_another_compiler_makes_another_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another in the same place, and the same in another place; asked once each."""
    graph, asked = make_fx(lambda x: x + 1)(torch.ones(2)), tmp_path / "asked"

    def hash_of(name: str, version: str) -> str:
        compiler = tmp_path / name
        compiler.write_text(
            f"#!/bin/sh\necho asked >> {asked}\necho {version}\necho more\n"
        )
        compiler.chmod(0o700)
        monkeypatch.setattr(
            "torch._inductor.cpp_builder.get_cpp_compiler", lambda: str(compiler)
        )
        return kept._hash_of(graph, [torch.ones(2)])

    first = hash_of("one", "g++ 12")
    assert hash_of("one", "g++ 12") == first
    assert asked.read_text().count("asked") == 1
    kept._version.cache_clear()
    assert len({first, hash_of("one", "g++ 13"), hash_of("two", "g++ 12")}) == 3
    kept._version.cache_clear()


def test_a_short_run_compiles_nothing(forbidden: None) -> None:
    """By rule; and where it was asked for, not before the first 64 steps."""
    for compiled in (None, True):
        one, other = small(), small()
        trained = train(one, SQUARED, SGD, rows(43), plan(compiled=compiled))
        train(other, SQUARED, SGD, rows(43), plan())
        assert trained.notes == []
        assert state_of(one).keys() == state_of(other).keys()
        same_bits(one, other)
