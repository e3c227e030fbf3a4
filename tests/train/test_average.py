"""The moving average of the weights, against the formula worked by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from dovetail import losses, optim
from dovetail.train import Plan, Rows, row_order, train
from dovetail.train.average import taken_in

SGD = optim.SGD(
    lr=0.1, momentum=0.0, nesterov=False, weight_decay=0.0, schedule=optim.Constant()
)


class Scale(nn.Module):
    """One weight: raw = w x."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1, 1, dtype=torch.float64))

    def forward(self, numbers: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
        return numbers @ self.w


def rows(n: int) -> Rows:
    x = torch.arange(1.0, n + 1, dtype=torch.float64).unsqueeze(1) / n
    return Rows(x, torch.zeros(n, 0, dtype=torch.int64), 3 * x + 1)


def plan(**changes: object) -> Plan:
    values = {"epochs": 3, "batch_size": 2, "seed": 0, "patience": 99, **changes}
    return Plan(**values, average=True, compiled=False)  # type: ignore[arg-type]


def test_equals_the_formula_worked_by_hand() -> None:
    data, network, seen = rows(6), Scale(), []
    train(
        network, losses.Squared(), SGD, data, plan(),
        score=lambda: seen.append(network.w.item()) or -len(seen),
    )  # fmt: skip

    w = average = 0.0
    expected, t = [], 0
    for epoch in (1, 2, 3):
        order = row_order(0, epoch, 6).numpy()
        x, y = data.numbers.numpy()[order, 0], data.target.numpy()[order, 0]
        for first in (0, 2, 4):
            some = slice(first, first + 2)
            w -= 0.1 * np.mean(2 * x[some] * (w * x[some] - y[some]))
            t += 1
            decay = t / (9 + t)
            average = decay * average + (1 - decay) * w
        expected.append(average)
    assert seen == pytest.approx(expected, rel=1e-12)
    assert network.w.item() == pytest.approx(expected[-1], rel=1e-12)


def test_training_goes_on_from_the_weights_and_not_from_their_average() -> None:
    """With and without the average the losses, which the weights give, are the same."""
    histories = []
    for average in (True, False):
        network = Scale()
        told = Plan(
            epochs=3, batch_size=2, seed=0, patience=9, average=average, compiled=False
        )
        trained = train(
            network, losses.Squared(), SGD, rows(6), told, score=lambda: 0.0
        )
        histories.append([line["loss"] for line in trained.history])
    assert histories[0] == histories[1]


def test_without_a_score_the_average_is_what_is_kept() -> None:
    scored, unscored = Scale(), Scale()
    countdown = iter([3.0, 2.0, 1.0])
    train(scored, losses.Squared(), SGD, rows(6), plan(), score=lambda: next(countdown))
    train(unscored, losses.Squared(), SGD, rows(6), plan())
    assert torch.equal(scored.w, unscored.w)


def test_weights_come_back_after_an_error_in_the_score() -> None:
    network = Scale()

    def score() -> float:
        raise KeyError

    with pytest.raises(KeyError):
        train(network, losses.Squared(), SGD, rows(6), plan(), score=score)
    alone = Scale()
    train(
        alone, losses.Squared(), SGD, rows(6),
        Plan(epochs=3, stop_after=1, batch_size=2, seed=0, patience=9, compiled=False),
    )  # fmt: skip
    assert torch.equal(network.w, alone.w)


def test_the_window_never_exceeds_a_thousand_steps() -> None:
    assert taken_in(10**6) == pytest.approx(0.001, rel=1e-9)
    assert all(taken_in(t) >= taken_in(t + 1) for t in range(1, 20_000, 7))


def test_frozen_weights_are_left_alone() -> None:
    network = Scale()
    network.fixed = nn.Parameter(torch.tensor([5.0]), requires_grad=False)
    train(network, losses.Squared(), SGD, rows(6), plan())
    assert network.fixed.item() == 5.0
