"""A run that was interrupted and goes on is the run that was not, bit for bit."""

import random
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    RandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)

from dovetail import optim
from dovetail.errors import Interrupted
from dovetail.train import Checkpoints, Rows, Stop, Trained, train, train_members
from tests.train.engine import Own, loss_on, mlp, plan, rows, scores, state_of
from tests.train.pieces import (
    SQUARED,
    Interrupting,
    dropping,
    equal,
    run_in_pieces,
    whole_run,
)


def every_spec() -> dict[str, optim.Spec]:
    """All that ``optim`` has, found by walking, and some of torch's as a user's own."""
    kinds: list[type[optim.Spec]] = []
    todo: list[type[optim.Spec]] = [optim.Spec]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind not in (optim.Spec, optim.Elementwise, optim.Custom):
            kinds.append(kind)
    found = {kind.__name__: kind() for kind in kinds}
    for make in (
        torch.optim.Adamax, torch.optim.ASGD, torch.optim.Rprop, torch.optim.NAdam,
        torch.optim.Adadelta,
    ):  # fmt: skip
        found[f"Custom {make.__name__}"] = optim.Custom(make=make, lr=0.01)
    found["LBFGS"] = optim.LBFGS(max_iter=20)
    found["Adam one cycle"] = optim.Adam(schedule=optim.OneCycle())
    found["SGD plain"] = optim.SGD(momentum=0.0, nesterov=False)
    return found


SPECS = every_spec()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("name", SPECS)
def test_every_optimizer_goes_on_where_it_was(
    name: str, dtype: torch.dtype, tmp_path: Path
) -> None:
    data, spec = rows(dtype=dtype, weighted=True), SPECS[name]
    given = plan(epochs=4, average=True, clip=1.0, checkpoint_every_s=0)

    def make(seed: int) -> nn.Module:
        # A line search wants no dropout.
        dropout = 0.0 if spec.full_batch else 0.3
        return mlp(seed, dropout=dropout, norm=True, dtype=dtype).module

    one, passes = whole_run(make, spec, lambda: data, given, data)
    chance = random.Random(name)
    at = sorted(chance.sample(range(1, passes), 2))
    if spec.full_batch:  # several passes a step: what follows the signal is not counted
        at = at[:1]
    equal(one, run_in_pieces(make, spec, lambda: data, given, data, tmp_path, at))


@pytest.mark.parametrize("at", [[i] for i in range(1, 16)] + [[5, 10], [1, 2, 3, 4, 5]])
def test_every_step_is_one_to_be_interrupted_at(at: list[int], tmp_path: Path) -> None:
    """Epochs have 5 steps: 5 and 10 are the last ones of an epoch, 15 of the run."""
    data, given = rows(), plan(average=True)
    one, _ = whole_run(dropping, optim.AdamW(), lambda: data, given, data)
    equal(
        one,
        run_in_pieces(dropping, optim.AdamW(), lambda: data, given, data, tmp_path, at),
    )


@pytest.mark.parametrize("spec", [optim.AdamW(), optim.ScheduleFree()], ids=str)
@pytest.mark.parametrize("trouble", [3, 5, 7])
@pytest.mark.parametrize("at", [1, 2, 4, 5, 6, 8, 9, 12])
def test_trouble_before_after_and_at_the_interruption(
    spec: optim.Spec, trouble: int, at: int, tmp_path: Path
) -> None:
    data, given = rows(), plan(average=True)
    one, _ = whole_run(dropping, spec, lambda: data, given, data, trouble)
    assert "0.25 of the learning rate" in one[1].notes[0]
    equal(
        one,
        run_in_pieces(
            dropping, spec, lambda: data, given, data, tmp_path, [at], trouble
        ),
    )


class Scores:
    """3, 1, 2, 5, 0, ... by epoch, in whatever process it is asked."""

    VALUES = (3.0, 1.0, 2.0, 5.0, 0.0)

    def __init__(self, done: int) -> None:
        self.done = done

    def __call__(self) -> float:
        self.done += 1
        return self.VALUES[self.done - 1]


def test_patience_goes_on_waiting(tmp_path: Path) -> None:
    """The third epoch of five steps is cut; the fourth is the second without gain."""
    given, data = plan(epochs=9, patience=2), rows()
    whole = Interrupting(dropping(0))
    told = train(whole, SQUARED, optim.AdamW(), data, given, score=Scores(0))
    assert (told.stopped, told.best_epoch) == ("early", 2)

    first, stop, checkpoints = Interrupting(dropping(0)), Stop(), Checkpoints(tmp_path)
    first.stop, first.at = stop, {12}
    with pytest.raises(Interrupted):
        train(
            first, SQUARED, optim.AdamW(), data, given, score=Scores(0),
            checkpoints=checkpoints, stop=stop,
        )  # fmt: skip
    again = Interrupting(dropping(1))
    told_again = train(
        again, SQUARED, optim.AdamW(), data, given, score=Scores(2),
        checkpoints=checkpoints,
    )  # fmt: skip
    checkpoints.close()
    equal((state_of(whole), told), (state_of(again), told_again))


class Noisy(torch.utils.data.Dataset):
    """A dataset that changes what it gives at random, as augmentation does."""

    def __init__(self, data: Rows) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        x = self.data.numbers[i]
        return x + 0.1 * torch.rand(3, dtype=x.dtype), self.data.target[i]


LOADERS = {
    "in order": lambda data: DataLoader(
        TensorDataset(data.numbers, data.target), batch_size=8
    ),
    "shuffled": lambda data: DataLoader(
        TensorDataset(data.numbers, data.target), batch_size=8, shuffle=True
    ),
    "augmented": lambda data: DataLoader(Noisy(data), batch_size=8, shuffle=True),
    "with a generator": lambda data: DataLoader(
        Noisy(data), batch_size=8, shuffle=True, generator=torch.Generator()
    ),
    "by a sampler's generator": lambda data: DataLoader(
        Noisy(data), batch_size=8,
        sampler=WeightedRandomSampler([1.0] * 40, 40, generator=torch.Generator()),
    ),
    "by two generators": lambda data: DataLoader(
        Noisy(data), generator=torch.Generator(),
        batch_sampler=BatchSampler(
            RandomSampler(range(40), generator=torch.Generator()), 8, drop_last=False
        ),
    ),
    "of one process of several": lambda data: DataLoader(
        Noisy(data), batch_size=8,
        sampler=DistributedSampler(data, num_replicas=1, rank=0),
    ),
    "by a worker": lambda data: DataLoader(
        Noisy(data), batch_size=8, shuffle=True, num_workers=1,
        generator=torch.Generator(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("at", [[2], [5], [8, 11]])
def test_a_loader_is_read_in_the_same_order(
    name: str, at: list[int], tmp_path: Path
) -> None:
    data, given = rows(), plan(average=True)

    def read() -> DataLoader:
        torch.manual_seed(random.randrange(2**30))
        loader = LOADERS[name](data)
        if loader.generator is not None:
            loader.generator.seed()  # wherever it stands
        return loader

    one, _ = whole_run(dropping, optim.AdamW(), read, given, data)
    other = run_in_pieces(dropping, optim.AdamW(), read, given, data, tmp_path, at)
    equal(one, other)


SHUFFLED = [name for name in LOADERS if name not in ("in order", "by a worker")]


@pytest.mark.parametrize("name", SHUFFLED)
def test_a_shuffling_loader_has_another_order_in_each_epoch(name: str) -> None:
    data, seen = rows(), []

    class Sees(Own):
        def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
            if self.training and len(numbers) > 1:
                seen.append(numbers.clone())
            return self.inner(numbers)

    train(Sees(mlp().module), SQUARED, optim.SGD(), LOADERS[name](data), plan())
    epochs = [torch.cat(seen[i : i + 5]) for i in (0, 5, 10)]
    if name == "shuffled":
        for epoch in epochs:
            assert torch.equal(epoch.sort(0).values, data.numbers.sort(0).values)
    assert not torch.equal(epochs[0], epochs[1])
    assert not torch.equal(epochs[1], epochs[2])


def test_a_pack_of_members_goes_on(tmp_path: Path) -> None:
    data = rows(weighted=True)
    specs = [optim.AdamW(), optim.SGD(), optim.SGD(lr=1e300, momentum=0.0)]

    def run(at: int | None) -> tuple[list[dict[str, Tensor]], list[Trained]]:
        while True:
            stop = Stop()
            networks = [Own(dropping(i)) for i in range(3)]
            networks[0] = Interrupting(dropping(0))
            networks[0].stop = stop
            networks[0].at = set() if at is None else {at}
            checkpoints = None if at is None else Checkpoints(tmp_path)
            try:
                told = train_members(
                    networks, [SQUARED] * 3, specs, data, plan(average=True),
                    noise_seeds=[1, 2, 3], scores=scores(networks, data), metric="m",
                    checkpoints=checkpoints, stop=stop,
                )  # fmt: skip
            except Interrupted:
                at = 10**9
                continue
            finally:
                if checkpoints:
                    checkpoints.close()
            return [state_of(n) for n in networks], told

    (whole, told), (pieces, told_too) = run(None), run(9)
    for one, other, a, b in zip(whole, pieces, told, told_too, strict=True):
        equal((one, a), (other, b))
    assert [t.stopped for t in told] == ["epochs", "epochs", "diverged"]


def test_the_choices_of_the_checkpoint_are_used_again(tmp_path: Path) -> None:
    data, stop = rows(), Stop()
    network = Interrupting(dropping(0))
    network.stop, network.at = stop, {3}
    with pytest.raises(Interrupted):
        train(
            network, SQUARED, optim.SGD(), data, plan(micro_batch=3),
            checkpoints=Checkpoints(tmp_path), stop=stop,
        )  # fmt: skip
    trained = train(
        Own(dropping(0)), SQUARED, optim.SGD(), data, plan(micro_batch=5),
        checkpoints=Checkpoints(tmp_path),
    )  # fmt: skip
    assert trained.choices.micro_batch == 3


def test_a_run_that_is_done_is_not_trained_again(tmp_path: Path) -> None:
    data, given = rows(), plan(checkpoint_every_s=0)
    results = []
    for seed in (0, 1):
        network = Interrupting(dropping(seed))
        checkpoints = Checkpoints(tmp_path)
        trained = train(
            network, SQUARED, optim.SGD(), data, given, score=loss_on(network, data),
            metric="mse", checkpoints=checkpoints,
        )  # fmt: skip
        checkpoints.close()
        results.append((state_of(network), trained))
    equal(*results)
    assert network.passes == 0


def test_checkpoints_in_the_epoch_and_at_its_end_change_nothing(
    tmp_path: Path,
) -> None:
    for name in ("ScheduleFree", "AdamW"):
        data, results = rows(), []
        for folder in (None, tmp_path / name):
            network = Interrupting(dropping(0))
            checkpoints = None if folder is None else Checkpoints(folder)
            trained = train(
                network, SQUARED, SPECS[name], data, plan(checkpoint_every_s=0),
                score=loss_on(network, data), checkpoints=checkpoints,
            )  # fmt: skip
            if checkpoints is not None:
                checkpoints.close()
                assert checkpoints.newest() is not None
            results.append((state_of(network), trained))
        equal(*results)
