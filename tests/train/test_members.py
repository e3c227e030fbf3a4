"""M networks as one program are the M networks trained each alone."""

import math

import pytest
import torch
from torch import nn

from dovetail import losses, optim
from dovetail.errors import ConfigError, NotFiniteError
from dovetail.train import Plan, Rows, Trained, row_order, train, train_members
from dovetail.train.members import Members
from dovetail.train.step import leaves_of, raw_of
from tests.optim._members import STACKS
from tests.train.engine import SGD, close, loss_on, mlp, plan, rows, same_bits, scores

# Two of each, with other settings: neighbours that share a call, and all kinds mixed.
EVERY = {f"{name} {i}": stack[i] for name, stack in STACKS.items() for i in (1, 2)}
LONG = plan(epochs=20, batch_size=4, clip=2.0, average=True)
SQUARED = losses.Squared()


def together_and_alone(
    specs: list[optim.Spec], given: Plan, *, objectives=None, dropout=0.0,
    weighted=False, norm=False, n=40,
) -> tuple[list, list]:  # fmt: skip
    data = rows(n, weighted=weighted)
    count = len(specs)
    objectives = objectives or [SQUARED] * count
    seeds = [10 + i for i in range(count)]
    stacked = [mlp(i, dropout=dropout, norm=norm) for i in range(count)]
    one = train_members(
        stacked, objectives, specs, data, given, noise_seeds=seeds,
        scores=scores(stacked, data), metric="mse",
    )  # fmt: skip
    other = []
    for i, spec in enumerate(specs):
        network = mlp(i, dropout=dropout, norm=norm)
        [trained] = train_members(
            [network], [objectives[i]], [spec], data, given, noise_seeds=[seeds[i]],
            scores=[loss_on(network, data)], metric="mse",
        )  # fmt: skip
        close(stacked[i], network, 1e-12)
        other.append(trained)
    return one, other


@pytest.fixture(scope="module")
def pack() -> tuple[list[nn.Module], list[Trained]]:
    """Every elementwise optimizer in one program, 200 steps, clipped and averaged."""
    data, networks = rows(), [mlp(i) for i in range(len(EVERY))]
    told = train_members(
        networks, [SQUARED] * len(EVERY), list(EVERY.values()), data, LONG,
        scores=scores(networks, data), metric="mse",
    )  # fmt: skip
    return networks, told


@pytest.mark.parametrize("name", EVERY)
def test_200_steps_of_a_pack_equal_training_each_alone(name: str, pack) -> None:
    number, data = list(EVERY).index(name), rows()
    network = mlp(number)
    alone = train(
        network, SQUARED, EVERY[name], data, LONG,
        score=loss_on(network, data), metric="mse",
    )  # fmt: skip
    networks, told = pack
    close(networks[number], network, 1e-12)
    assert alone.history[-1]["step"] == 200
    assert told[number].best_epoch == alone.best_epoch
    for key in ("lr", "loss", "mse"):
        assert [line[key] for line in told[number].history] == pytest.approx(
            [line[key] for line in alone.history], rel=1e-12
        )


def test_each_member_has_its_own_dropout_loss_rate_and_row_weights() -> None:
    specs = [optim.AdamW(lr=lr) for lr in (1e-2, 3e-3)] + [SGD]
    one, other = together_and_alone(
        specs, plan(epochs=5, clip=1.0, average=True),
        objectives=[SQUARED, losses.Huber(delta=0.5), SQUARED],
        dropout=0.3, weighted=True,
    )  # fmt: skip
    assert [t.best_value for t in one] == pytest.approx(
        [t.best_value for t in other], rel=1e-12
    )


def test_batch_norm_keeps_statistics_for_each_member() -> None:
    together_and_alone([SGD, SGD.with_lr(0.01)], plan(epochs=4), norm=True)


def test_noise_differs_between_members_by_their_seeds() -> None:
    def pair(seeds: list[int]) -> list[nn.Module]:
        networks = [mlp(0, dropout=0.5), mlp(0, dropout=0.5)]
        train_members(
            networks, [SQUARED] * 2, [SGD] * 2, rows(), plan(), noise_seeds=seeds
        )
        return networks

    same, other = pair([4, 4]), pair([4, 5])
    close(same[0], same[1], 1e-12)
    assert not torch.allclose(
        other[0].state_dict()["module.0.weight"],
        other[1].state_dict()["module.0.weight"],
    )


@pytest.mark.parametrize("name", STACKS)
def test_one_network_equals_a_loop_by_hand_with_torch_optim(name: str) -> None:
    spec, data, network, by_hand = STACKS[name][1], rows(), mlp(), mlp()
    train(network, SQUARED, spec, data, plan(epochs=4, clip=1.0))

    optimizer = spec.build(by_hand)
    step = 0
    for epoch in range(1, 5):
        order = row_order(1, epoch, 40)
        for first in range(0, 40, 8):
            part = data[order[first : first + 8]]
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * spec.schedule(step, 20)
            optimizer.zero_grad()
            raw = by_hand(part.numbers, part.categories)
            ((raw - part.target) ** 2).mean().backward()
            norm = sum(p.grad.square().sum() for p in by_hand.parameters()).sqrt()
            for p in by_hand.parameters():
                p.grad *= min(1.0, 1.0 / norm.item())
            optimizer.step()
            step += 1
    # torch holds the product of NAdam's momenta in float32.
    close(network, by_hand, 1e-9 if name == "NAdam" else 1e-12)


@pytest.mark.parametrize("scored", [True, False])
def test_a_member_that_diverges_leaves_the_others_alone(scored: bool) -> None:
    data = rows()

    def pack(lr: float) -> tuple[list[nn.Module], list]:
        plain = optim.SGD(
            lr=0.05, momentum=0.0, weight_decay=0.0, schedule=optim.Constant()
        )
        networks = [mlp(i) for i in range(3)]
        specs = [plain, plain.with_lr(lr), plain]
        given = scores(networks, data) if scored else None
        return networks, train_members(
            networks, [SQUARED] * 3, specs, data, plan(epochs=4), scores=given,
            metric="mse",
        )  # fmt: skip

    calm, _ = pack(0.05)
    wild, told = pack(1e300)
    assert [t.stopped for t in told] == ["epochs", "diverged", "epochs"]
    assert any("nan" in note or "inf" in note for note in told[1].notes)
    assert told[0].notes == told[2].notes == []
    same_bits(wild[0], calm[0])
    same_bits(wild[2], calm[2])
    assert told[1].best_value is None or math.isfinite(told[1].best_value)
    assert len(told[1].history) < 4


def test_all_members_diverging_is_an_error() -> None:
    wild = optim.SGD(
        lr=1e300, momentum=0.0, weight_decay=0.0, schedule=optim.Constant()
    )
    with pytest.raises(NotFiniteError, match="every member"):
        train_members(
            [mlp(0), mlp(1)], [SQUARED] * 2, [wild] * 2, rows(), plan(epochs=9)
        )


def test_patience_ends_each_member_by_itself() -> None:
    networks = [mlp(0), mlp(1)]
    first, second = iter([1.0, 2.0, 3.0]), iter([5.0, 4.0, 3.0, 2.0, 1.0, 0.5])
    told = train_members(
        networks, [SQUARED] * 2, [SGD] * 2, rows(), plan(epochs=6, patience=2),
        scores=[lambda: next(first), lambda: next(second)], metric="m",
    )  # fmt: skip
    assert [t.stopped for t in told] == ["early", "epochs"]
    assert [t.best_epoch for t in told] == [1, 6]
    assert [len(t.history) for t in told] == [3, 6]


def test_networks_of_another_shape_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"Member 1 differs from member 0"):
        train_members(
            [mlp(0), mlp(0, width=5)], [SQUARED] * 2, [SGD] * 2, rows(), plan()
        )


@pytest.mark.parametrize(
    "spec", [optim.Muon(), optim.LBFGS(), optim.ScheduleFree()], ids=lambda s: str(s)
)
def test_optimizers_that_are_objects_train_one_network_only(spec: optim.Spec) -> None:
    with pytest.raises(ConfigError, match=f"{type(spec).__name__} cannot train"):
        train_members([mlp(0), mlp(1)], [SQUARED] * 2, [spec] * 2, rows(), plan())


def test_afterwards_each_network_has_tensors_of_its_own() -> None:
    networks = [mlp(0, norm=True), mlp(1, norm=True)]
    train_members(networks, [SQUARED] * 2, [SGD] * 2, rows(), plan())
    owned = [
        t.untyped_storage().data_ptr()
        for n in networks
        for t in n.state_dict().values()
    ]
    assert len(set(owned)) == len(owned)
    assert not any(n.training for n in networks)


def test_a_buffer_that_the_forward_replaces_is_kept_with_the_best_weights() -> None:
    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 2).double()
            self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

        def forward(self, numbers, categories):
            if self.training:
                self.seen = self.seen + len(numbers)
            return self.linear(numbers)

    network, values = Counts(), iter([3.0, 1.0, 2.0])
    train(network, SQUARED, SGD, rows(), plan(), score=lambda: next(values))
    assert network.seen.item() == 80


class _Scaled(nn.Module):
    """Reads a buffer that holds what was learnt before training."""

    never_written = ("scale",)

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 1)
        self.register_buffer("scale", torch.tensor([scale, torch.inf]))

    def forward(self, numbers: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
        return self.linear(numbers) * self.scale[0]


@pytest.mark.parametrize(("other", "shared"), [(2.0, {"scale"}), (3.0, set())])
def test_only_buffers_that_are_equal_are_read_once(other: float, shared: set) -> None:
    members = Members([_Scaled(2.0), _Scaled(other)])
    assert members.shared == shared
    part = Rows(
        torch.randn(5, 3), torch.zeros(5, 0, dtype=torch.int64), torch.zeros(5, 1)
    )
    raw = raw_of(
        members, "float32", leaves_of(members, members.weights), members.buffers,
        torch.zeros(2, 0, 3, dtype=torch.int64), part,
    )  # fmt: skip
    for number, network in enumerate(members.networks):
        assert torch.allclose(raw[number], network(part.numbers, part.categories))
