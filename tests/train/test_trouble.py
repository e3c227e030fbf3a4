"""Numbers that are not finite: back, slower, and in the end a message with the rows."""

import dataclasses
import math
from collections import deque
from typing import final

import pytest
import torch
from torch import Tensor, nn

from dovetail import losses, optim
from dovetail.errors import NotFiniteError
from dovetail.train import Rows, train, train_members
from dovetail.train.run import Run
from tests.train.engine import SGD, Own, loss_on, mlp, plan, rows, same_bits

SQUARED = losses.Squared()
PLAIN = optim.SGD(lr=0.05, momentum=0.0, weight_decay=0.0, schedule=optim.Constant())


def spoiled(bad: list[int], value: float = math.nan, n: int = 40) -> Rows:
    data = rows(n)
    data.numbers[bad, 1] = value
    return data


NETWORKS = {
    "plain": lambda: mlp(),
    "dropout": lambda: mlp(dropout=0.3),
    "batch norm": lambda: mlp(norm=True),
}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("bad", [[7], [39, 3, 12]])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_the_message_names_the_rows_that_hold_it(network, bad, value) -> None:
    made = network()
    with pytest.raises(NotFiniteError) as caught:
        train(made, SQUARED, SGD, spoiled(bad, value), plan(batch_size=40))
    assert caught.value.rows == tuple(sorted(bad))
    assert caught.value.exit_code == 7
    assert "epoch 1, in step 1, after 3 tries" in str(caught.value)
    said = f"row {bad[0]}" if len(bad) == 1 else "rows 3, 12, 39"
    assert f"data {said} of the training rows, counted from 0." in str(caught.value)


def test_only_the_rows_of_the_first_bad_batch_are_named() -> None:
    """One bad row among 40 in batches of 8; the step is the one that holds it."""
    from dovetail.train import row_order

    place = row_order(1, 1, 40).tolist().index(17) // 8
    with pytest.raises(NotFiniteError, match=f"in step {place + 1}, ") as caught:
        train(mlp(), SQUARED, SGD, spoiled([17]), plan())
    assert caught.value.rows == (17,)


def test_a_target_that_is_not_finite_is_named_too() -> None:
    data = rows()
    data.target[5, 1] = math.inf
    with pytest.raises(NotFiniteError) as caught:
        train(mlp(norm=True), SQUARED, SGD, data, plan())
    assert caught.value.rows == (5,)


def test_the_loader_alone_knows_its_rows() -> None:
    data = spoiled([3])
    batches = [data[i : i + 8] for i in range(0, 40, 8)]
    with pytest.raises(NotFiniteError, match="in step 1") as caught:
        train(mlp(), SQUARED, SGD, batches, plan())
    assert caught.value.rows == ()


def test_at_most_ten_rows_are_written_out() -> None:
    with pytest.raises(NotFiniteError, match="9 and 2 more of the tr") as caught:
        train(mlp(), SQUARED, SGD, spoiled(list(range(12))), plan(batch_size=40))
    assert len(caught.value.rows) == 12


class Fragile(Own):
    """Gives nan for the first ``times`` passes of training that ask it to."""

    def __init__(self, times: int, at: int, *, gradient: bool = False) -> None:
        super().__init__(mlp().module)
        self.times, self.at, self.gradient, self.passes = times, at, gradient, 0

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        out = self.inner(numbers)
        if not self.training:
            return out
        self.passes += 1
        if self.passes < self.at or self.times == 0:
            return out
        self.times -= 1
        # sqrt has no derivative at 0: the value is fine, the gradient is 0 * inf.
        return out + (out * 0).sqrt() if self.gradient else out * math.nan


SPECS = {"sgd": PLAIN, "schedule-free": optim.ScheduleFree(), "muon": optim.Muon()}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("gradient", [False, True], ids=["loss", "gradient"])
@pytest.mark.parametrize("at", [2, 5, 8, 15])
@pytest.mark.parametrize("scored", [True, False])
def test_the_epoch_begins_again_at_a_quarter_of_the_rate(
    spec, gradient, at, scored
) -> None:
    """Steps 2 and 5 are in the first epoch, 8 in the second, 15 the very last."""
    network, data = Fragile(1, at, gradient=gradient), rows()
    trained = train(
        network, SQUARED, spec, data, plan(average=True), metric="mse",
        score=loss_on(network, data) if scored else None,
    )  # fmt: skip
    epoch = (at - 1) // 5 + 1
    assert len(trained.history) == 3
    [note] = trained.notes
    assert f"in epoch {epoch}" in note
    assert "0.25 of the learning rate" in note
    if not gradient:
        assert f"in epoch {epoch}, step {at};" in note
    rates = [line["lr"] for line in trained.history]
    total = [spec.lr * spec.schedule(5 * e - 1, 15) for e in (1, 2, 3)]
    scale = [1.0 if e < epoch else 0.25 for e in (1, 2, 3)]
    assert rates == pytest.approx([a * b for a, b in zip(total, scale, strict=True)])
    assert all(p.isfinite().all() for p in network.parameters())


@pytest.fixture(params=[1, 100], ids=["read at once", "read at the end"])
def whenever_read(request, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop looks at its losses after each step, or never before the end."""
    asked = iter(range(10**9))
    monkeypatch.setattr(
        "dovetail.train.loop.Clock.wants_reading",
        lambda self: next(asked) % request.param == request.param - 1,
    )


def test_the_note_says_the_loss_of_the_step(whenever_read: None) -> None:
    """inf in step 2, and nan from then on: a mean that is read late is nan."""

    class Inf(Fragile):
        def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
            out = super().forward(numbers, categories)
            return out * math.inf if self.training and self.passes == 2 else out

    trained = train(Inf(0, 0), SQUARED, PLAIN, rows(), plan())
    [note] = trained.notes
    assert "The training loss was inf in epoch 1, step 2;" in note


def test_a_member_left_out_is_noted_alike(whenever_read: None) -> None:
    specs = [PLAIN, PLAIN.with_lr(1e200)]
    one = train_members([mlp(0), mlp(1)], [SQUARED] * 2, specs, rows(), plan())[1]
    assert one.notes == ["The training loss was inf in epoch 1."]


def test_going_back_leaves_no_trace() -> None:
    """After a spoiled first epoch the run is one at a quarter of the rate."""
    once, calm = Fragile(1, 4), Own(mlp().module)
    train(once, SQUARED, PLAIN, rows(), plan())
    train(calm, SQUARED, PLAIN.with_lr(0.05 / 4), rows(), plan())
    same_bits(once, calm)


class Drifting(torch.optim.SGD):
    """Counts its steps and keeps the last gradients where nobody looks for them."""

    def __init__(self, params, lr: float) -> None:
        super().__init__(params, lr=lr)
        self.taken, self.last = 0, deque(maxlen=2)

    @torch.no_grad()
    def step(self, closure=None) -> None:
        self.taken += 1
        for group in self.param_groups:
            for p in group["params"]:
                self.last.append(p.grad.clone())
                p -= group["lr"] * self.taken * p.grad + 1e-3 * self.last[0].mean()


@final
@dataclasses.dataclass(frozen=True, kw_only=True)
class Quartered(optim.Schedule):
    """A quarter from step ``first`` on: what trouble in that epoch leaves."""

    first: int = 5

    def __post_init__(self) -> None:
        pass

    def factor(self, step: int, total: int) -> float:
        return 0.25 if step >= self.first else 1.0


def test_going_back_takes_all_of_an_own_optimizer_along() -> None:
    """Its attributes too, and also what no checkpoint can hold."""
    networks = []
    calm = optim.Custom(make=Drifting, lr=0.01, schedule=Quartered())
    for network, spec in (
        (Fragile(1, 8), optim.Custom(make=Drifting, lr=0.01)),
        (Own(mlp().module), calm),
    ):
        trained = train(network, SQUARED, spec, rows(), plan())
        assert len(trained.history) == 3
        networks.append(network)
    same_bits(*networks)


def test_a_rate_that_is_too_large_gets_smaller_until_it_works() -> None:
    """A linear model on |x|^2 of about 3 diverges above a rate of about 2 / 3."""
    data = rows(400, dtype=torch.float32)
    data = dataclasses.replace(data, target=data.numbers @ torch.ones(3, 2))
    network = Own(nn.Sequential(nn.Linear(3, 2)))
    before = loss_on(network, data)()
    trained = train(network, SQUARED, PLAIN.with_lr(5.0), data, plan(batch_size=1))
    assert 1 <= len(trained.notes) <= 3
    assert loss_on(network, data)() < before
    assert trained.history[-1]["lr"] == 5.0 * 0.25 ** len(trained.notes)


def test_a_gradient_that_is_always_nan_names_the_batch() -> None:
    network = Fragile(10**9, 3, gradient=True)
    with pytest.raises(NotFiniteError, match=r"largest weight|training loss") as caught:
        train(network, SQUARED, PLAIN, rows(), plan())
    assert len(caught.value.rows) in (8,)


def test_a_score_that_is_not_finite_is_never_the_best() -> None:
    values = iter([3.0, math.nan, 2.0, 4.0])
    trained = train(
        mlp(), SQUARED, PLAIN, rows(), plan(), score=lambda: next(values), metric="mse"
    )
    assert (trained.best_epoch, trained.best_value) == (2, 2.0)
    assert "mse on tune rows was nan in epoch 2" in trained.notes[0]
    assert [line["mse"] for line in trained.history] == [3.0, 2.0, 4.0]


def test_a_score_that_stays_nan_ends_the_run() -> None:
    with pytest.raises(NotFiniteError, match="mse on tune rows is nan in epoch 1"):
        train(
            mlp(norm=True), SQUARED, PLAIN, rows(), plan(), score=lambda: math.nan,
            metric="mse",
        )  # fmt: skip


def test_the_bad_step_is_looked_for_in_training_mode() -> None:
    """Also where it was noticed while scoring: dropout and batch norm must act."""

    class Modes(Own):
        def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
            modes.append(self.training)
            return self.inner(numbers)

    modes: list[bool] = []
    scored: list[int] = []

    def score() -> float:
        scored.append(len(modes))
        return math.nan

    with pytest.raises(NotFiniteError):
        train(Modes(mlp().module), SQUARED, PLAIN, rows(), plan(), score=score)
    assert len(scored) == 4
    assert len(modes) > scored[-1]
    assert all(modes[scored[-1] :])


def test_weights_that_are_nan_are_noticed_where_the_score_is_not() -> None:
    """Accuracy, say, is a number whatever the weights are."""
    network = Fragile(10**9, 1, gradient=True)
    with pytest.raises(NotFiniteError):
        train(network, SQUARED, PLAIN, rows(), plan(batch_size=40), score=lambda: 1.0)


def test_float32_weights_that_overflow_are_noticed() -> None:
    network, data = mlp(dtype=torch.float32), rows(dtype=torch.float32)
    with pytest.raises(NotFiniteError):
        train(network, SQUARED, PLAIN.with_lr(1e38), data, plan())


def test_an_epoch_that_was_taken_back_as_a_whole_begins_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The score of the second epoch is not finite the first time."""
    begun, begin = [], Run.begin_epoch

    def counting(run: Run) -> None:
        begun.append(run.epoch + 1)
        begin(run)

    monkeypatch.setattr(Run, "begin_epoch", counting)
    values = iter([1.0, math.nan, 1.0, 1.0])
    train(mlp(), SQUARED, SGD, rows(), plan(epochs=3), score=lambda: next(values))
    assert begun == [1, 2, 2, 3]
