"""The loop against torch written by hand, and its promises."""

import pytest
import torch
from torch import nn

from dovetail import losses, optim
from dovetail.errors import NotFiniteError
from dovetail.train import Plan, Progress, Rows, raw_outputs, row_order, train
from dovetail.train.feed import batch_starts


class Linear(nn.Module):
    """A linear model with the two inputs every network gets."""

    def __init__(self, inputs: int = 3, outputs: int = 1) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, numbers: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
        return self.linear(numbers)


def rows(n: int = 50, weights: torch.Tensor | None = None) -> Rows:
    generator = torch.Generator().manual_seed(0)
    numbers = torch.randn(n, 3, generator=generator)
    target = numbers @ torch.tensor([[1.0], [-2.0], [0.5]]) + 1
    return Rows(numbers, torch.zeros(n, 0, dtype=torch.int64), target, weights)


def plan(**changes: object) -> Plan:
    values = {"epochs": 3, "batch_size": 16, "seed": 0, "patience": 99, **changes}
    return Plan(**values)  # type: ignore[arg-type]


SGD = optim.SGD(lr=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)


def test_equals_a_loop_written_by_hand() -> None:
    data, network = rows(), Linear()
    history = train(network, losses.Squared(), SGD, data, plan()).history

    w, b = torch.zeros(1, 3), torch.zeros(1)
    velocity = [torch.zeros_like(w), torch.zeros_like(b)]
    total, step, means = 3 * 4, 0, []
    for epoch in (1, 2, 3):
        order, losses_seen = row_order(0, epoch, 50), []
        for start, end in ((0, 16), (16, 32), (32, 48), (48, 50)):
            x, y = data.numbers[order][start:end], data.target[order][start:end]
            residual = x @ w.T + b - y
            losses_seen.append((residual**2).sum().item())
            gradient = [2 * residual.T @ x / len(x), 2 * residual.mean(0)]
            lr = 0.1 * SGD.schedule(step, total)
            velocity = [0.9 * v + g for v, g in zip(velocity, gradient, strict=True)]
            w, b = w - lr * velocity[0], b - lr * velocity[1]
            step += 1
        means.append(sum(losses_seen) / 50)
    assert torch.allclose(network.linear.weight, w, atol=1e-5)
    assert torch.allclose(network.linear.bias, b, atol=1e-5)
    assert [line["loss"] for line in history] == pytest.approx(means, rel=1e-4)


def test_a_weight_of_two_is_the_row_twice() -> None:
    data = rows(8)
    weights = torch.tensor([2.0, 1, 1, 1, 1, 1, 1, 0])
    twice = data[torch.tensor([0, 0, 1, 2, 3, 4, 5, 6])]
    one, other = Linear(), Linear()
    weighted = Rows(data.numbers, data.categories, data.target, weights)
    for network, given in ((one, weighted), (other, twice)):
        train(network, losses.Squared(), SGD, given, plan(batch_size=8))
    assert torch.allclose(one.linear.weight, other.linear.weight, atol=1e-6)


def test_the_best_weights_come_back_and_patience_ends_the_run() -> None:
    values, seen = iter([3.0, 1.0, 2.0, 5.0, 4.0, 0.0]), []
    network = Linear()

    def score() -> float:
        seen.append(network.linear.weight.detach().clone())
        return next(values)

    trained = train(
        network, losses.Squared(), SGD, rows(), plan(epochs=6, patience=3),
        score=score, metric="rmse",
    )  # fmt: skip
    assert (trained.best_epoch, trained.best_value) == (2, 1.0)
    assert (trained.stopped, len(trained.history)) == ("early", 5)
    assert torch.equal(network.linear.weight, seen[1])


def test_higher_is_better_turns_the_choice_round() -> None:
    values = iter([0.1, 0.9, 0.5])
    trained = train(
        Linear(), losses.Squared(), SGD, rows(), plan(),
        score=lambda: next(values), metric="r2", higher_is_better=True,
    )  # fmt: skip
    assert trained.best_epoch == 2


def test_stop_after_is_a_prefix_of_the_whole_run() -> None:
    whole, part = Linear(), Linear()
    kept = []
    train(
        whole, losses.Squared(), SGD, rows(), plan(epochs=4),
        score=lambda: kept.append(whole.linear.weight.detach().clone()) or 0.0,
    )  # fmt: skip
    train(part, losses.Squared(), SGD, rows(), plan(epochs=4, stop_after=2))
    assert torch.equal(part.linear.weight, kept[1])


def test_the_same_run_twice_gives_the_same_bits_dropout_included() -> None:
    def run() -> torch.Tensor:
        torch.manual_seed(3)
        network = Linear()
        network.linear = nn.Sequential(
            nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1)
        )
        torch.rand(int(torch.randint(1, 9, ())))  # a random state nobody controls
        train(network, losses.Squared(), SGD.with_lr(0.01), rows(), plan())
        return network.linear[0].weight.detach().clone()

    state = torch.get_rng_state()
    first = run()
    assert torch.equal(first, run())
    torch.set_rng_state(state)


def test_training_leaves_the_global_random_state_alone() -> None:
    network = Linear()
    torch.manual_seed(5)
    state = torch.get_rng_state()
    train(network, losses.Squared(), SGD, rows(), plan())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_diverging_run_is_stopped_with_its_place() -> None:
    wild = optim.SGD(lr=1e6, momentum=0.9, nesterov=False, weight_decay=0.0)
    with pytest.raises(NotFiniteError, match=r"epoch \d+, in step \d+, after 3 tries"):
        train(Linear(), losses.Squared(), wild, rows(), plan(epochs=20))


def test_clipping_limits_the_step_and_is_counted() -> None:
    plain_sgd = optim.SGD(
        lr=1.0, momentum=0.0, nesterov=False, weight_decay=0.0,
        schedule=optim.Constant(),
    )  # fmt: skip
    network = Linear()
    trained = train(
        network, losses.Squared(), plain_sgd, rows(),
        plan(epochs=1, batch_size=50, clip=0.01),
    )  # fmt: skip
    moved = torch.cat([network.linear.weight.flatten(), network.linear.bias])
    assert moved.norm().item() == pytest.approx(0.01, rel=1e-4)
    assert trained.clipped == 1.0


def test_progress_is_told_at_the_end_of_each_epoch() -> None:
    told: list[Progress] = []
    train(
        Linear(), losses.Squared(), SGD, rows(), plan(),
        score=lambda: 1.0, metric="rmse", report=told.append,
    )  # fmt: skip
    ends = [event for event in told if event.value is not None]
    assert [event.epoch for event in ends] == [1, 2, 3]
    assert ends[-1].step == ends[-1].steps == 12
    assert ends[-1].eta_s == 0


def test_full_batch_optimizers_get_their_closure() -> None:
    network = Linear()
    train(network, losses.Squared(), optim.LBFGS(), rows(), plan(epochs=3))
    expected = torch.tensor([[1.0, -2.0, 0.5]])
    assert torch.allclose(network.linear.weight, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("n", "batch", "starts"),
    [(5, 2, [0, 2, 5]), (4, 2, [0, 2, 4]), (1, 4, [0, 1]), (9, 4, [0, 4, 9])],
)
def test_no_batch_of_one_row_is_left_over(n: int, batch: int, starts: list) -> None:
    assert batch_starts(n, batch) == starts


def test_raw_outputs_keep_the_mode_and_the_order() -> None:
    data, network = rows(20_000), Linear()
    nn.init.ones_(network.linear.weight)
    network.train()
    raw = raw_outputs(network, data.numbers, data.categories)
    assert network.training
    assert torch.allclose(raw, data.numbers.sum(1, keepdim=True), atol=1e-5)
